/// The four bytes in front of a frame of MPEG audio (ISO/IEC 11172-3 2.4.1.3, 13818-3 and the 2.5 extension).
struct MPEGAudioHeader {
  /// 1, 2, or 3 for the unofficial version 2.5.
  let version: Int
  let layer: Int
  /// Bits a second.
  let bitRate: Int
  let sampleRate: Int
  let channels: Int
  /// Bytes of the frame with its header.
  let frameLength: Int

  /// Samples of each channel in one frame.
  var samples: Int { layer == 1 ? 384 : layer == 3 && version > 1 ? 576 : 1152 }

  /// Bytes of side information behind the header of a layer III frame; a Xing header stands behind them.
  var sideLength: Int { version == 1 ? (channels == 1 ? 17 : 32) : (channels == 1 ? 9 : 17) }

  private static let rates: [[Int]] = [
    [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  ]

  /// The header in the first four of `bytes`; nil for what is none, and for free format, whose frames have no known
  /// length.
  init?(_ bytes: ArraySlice<UInt8>) {
    guard bytes.count >= 4 else { return nil }
    let word = bytes.bigEndian32
    guard word >> 21 == 0x7FF else { return nil }
    let (versionBits, layerBits) = (word >> 19 & 3, word >> 17 & 3)
    let (rateIndex, sampleIndex) = (Int(word >> 12 & 15), Int(word >> 10 & 3))
    guard versionBits != 1, layerBits != 0, (1...14).contains(rateIndex), sampleIndex != 3, word & 3 != 2
    else {
      return nil
    }
    version = versionBits == 3 ? 1 : versionBits == 2 ? 2 : 3
    layer = 4 - Int(layerBits)
    let row = version == 1 ? layer - 1 : layer == 1 ? 3 : 4
    bitRate = Self.rates[row][rateIndex - 1] * 1000
    sampleRate = [44100, 48000, 32000][sampleIndex] / (1 << (version - 1))
    channels = word >> 6 & 3 == 3 ? 1 : 2
    let padding = Int(word >> 9 & 1)
    frameLength =
      layer == 1
      ? (12 * bitRate / sampleRate + padding) * 4
      : (layer == 3 && version > 1 ? 72 : 144) * bitRate / sampleRate + padding
  }

  /// Whether both can stand in one stream: bit rate and channel mode may change, these may not.
  func continues(_ other: MPEGAudioHeader) -> Bool {
    version == other.version && layer == other.layer && sampleRate == other.sampleRate
  }

  /// How many headers follow one another in `bytes` from `offset` on, at most `limit`; a last frame that ends where
  /// `bytes` do counts.
  static func count(in bytes: [UInt8], at offset: Int, limit: Int = 3) -> Int {
    var (count, next) = (0, offset)
    var last: MPEGAudioHeader?
    while count < limit, next < bytes.count, let header = MPEGAudioHeader(bytes[next...]),
      last.map(header.continues) ?? true
    {
      count += 1
      last = header
      next += header.frameLength
    }
    return count
  }
}
