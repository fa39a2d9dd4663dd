/// What the decoder of MPEG-4 audio is told (AudioSpecificConfig, ISO/IEC 14496-3, 1.6.2.1): the sample entry itself says
/// two channels whatever there are.
struct AudioConfiguration {
  // Table 1.18.
  static let rates = [
    96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
  ]

  /// Channels; zero where another element of the stream defines them.
  let channels: Int
  /// Samples a second as coded.
  let sampleRate: Int

  /// From the content of an `esds` box; nil for other codings and for what is cut.
  init?(esds: [UInt8]) {
    guard let config = Self.decoderInfo(in: esds.dropFirst(4)), config.count >= 2 else { return nil }
    let word = config.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let left = word << UInt64(8 * (8 - min(8, config.count)))
    let bits = { (offset: Int, count: Int) in Int((left << UInt64(offset)) >> UInt64(64 - count)) }
    // Object type, index of the rate, channel configuration: five, four and four bits, with escapes to longer ones.
    var offset = bits(0, 5) == 31 ? 11 : 5
    let index = bits(offset, 4)
    offset += 4
    if index == 15 {
      sampleRate = bits(offset, 24)
      offset += 24
    } else {
      guard index < Self.rates.count else { return nil }
      sampleRate = Self.rates[index]
    }
    let configuration = bits(offset, 4)
    channels = configuration == 7 ? 8 : configuration
  }

  /// Whether a decoder that is told `config` decodes AAC-LC alone: object type 2 in five bits, and no extension behind, in which
  /// SBR and PS (HE-AAC) are told. Encoders also write its sync word (1.6.2.1) to say that there is none.
  static func isLowComplexity(_ config: [UInt8]) -> Bool {
    guard let first = config.first, first >> 3 == 2 else { return false }
    guard config.count >= 5, config[2] == 0x56, config[3] >> 5 == 7 else { return true }
    return config[4] & 0x80 == 0
  }

  /// Whether a decoder is told of SBR or PS: as the object type itself (5, 29), or by the extension behind it.
  static func isHighEfficiency(_ config: [UInt8]) -> Bool {
    guard let first = config.first else { return false }
    return [5, 29].contains(first >> 3) || first >> 3 == 2 && !isLowComplexity(config)
  }

  /// The content of the descriptor with tag 5 inside those with tags 3 and 4 (ISO/IEC 14496-1, 7.2.6).
  private static func decoderInfo(in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var rest = bytes
    while let tag = rest.popFirst() {
      var length = 0
      for _ in 0..<4 {
        guard let byte = rest.popFirst() else { return nil }
        length = length << 7 | Int(byte & 0x7F)
        if byte & 0x80 == 0 { break }
      }
      switch tag {
      case 3:
        guard rest.count >= 3, let flags = rest.dropFirst(2).first else { return nil }
        // The fields that the flags announce are never there in a file.
        guard flags & 0xE0 == 0 else { return nil }
        rest = rest.dropFirst(3)
      case 4: rest = rest.dropFirst(13)
      case 5: return rest.prefix(length)
      default: rest = rest.dropFirst(length)
      }
    }
    return nil
  }
}
