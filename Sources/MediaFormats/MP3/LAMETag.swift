internal import MediaCore

/// The frame without sound in front of a stream (Xing's header with LAME's extension): how many frames and bytes there
/// are, where to seek to, and how many samples at either end a player leaves out.
struct LAMETag {
  /// Xing's fields and LAME's behind them.
  private static let length = 156

  /// Header of a frame of the stream.
  let header: [UInt8]
  /// Samples at the beginning that the encoder adds, without the decoder's own 529.
  let delay: Int
  /// Samples of each channel that are heard.
  let count: Int
  /// LAME's VBR quality; nil for a constant rate.
  let quality: Int?
  /// LAME's fields of loudness, from the source; nil without.
  let gains: ArraySlice<UInt8>?

  init(header: [UInt8], delay: Int, count: Int, quality: Int?, gains: ArraySlice<UInt8>?) {
    self.header = header
    self.delay = delay
    self.count = count
    self.quality = quality
    self.gains = gains
  }

  /// The frame for a stream of frames that end at `ends` and have the check sum `sum`. Throws `internalFault` when
  /// the samples to leave out are more than the field holds.
  func frame(ends: [Int], sum: UInt16) throws(MediaError) -> [UInt8] {
    guard let own = MPEGAudioHeader(header[...]) else {
      throw MediaError(.internalFault, .encode, "the encoder's frames have no header of MPEG audio")
    }
    let padding = ends.count * own.samples - delay - count
    guard (0...4095).contains(padding), (0...4095).contains(delay) else {
      throw MediaError(
        .internalFault, .encode,
        "\(ends.count) frames of \(own.samples) samples for \(count) of them and a delay of \(delay)")
    }
    let start = 4 + own.sideLength
    let (header, length) = try roomy(for: start + Self.length)
    var frame = header + [UInt8](repeating: 0, count: start - 4)
    let total = length + (ends.last ?? 0)
    frame += Array((quality == nil ? "Info" : "Xing").utf8) + [0, 0, 0, 15]
    frame += UInt32(truncatingIfNeeded: ends.count).bigEndianBytes
    frame += UInt32(truncatingIfNeeded: total).bigEndianBytes
    frame += (0..<100).map { percent in
      let index = percent * ends.count / 100
      let position = length + (index > 0 ? ends[index - 1] : 0)
      return UInt8(clamping: 256 * position / max(1, total))
    }
    frame += UInt32(98 - 10 * (quality ?? 4)).bigEndianBytes
    frame += Array("LAME3.100".utf8) + [quality == nil ? 1 : 4, 0]
    frame += gains.map(Array.init) ?? [UInt8](repeating: 0, count: 8)
    frame += [0, quality == nil ? UInt8(clamping: own.bitRate / 1000) : 0]
    frame += [
      UInt8(delay >> 4), UInt8((delay & 15) << 4 | padding >> 8), UInt8(padding & 255), kind(own), 0, 0, 0,
    ]
    frame += UInt32(truncatingIfNeeded: total).bigEndianBytes + sum.bigEndianBytes
    frame += Self.sum(of: frame[...], after: 0).bigEndianBytes
    return frame + [UInt8](repeating: 0, count: length - frame.count)
  }

  /// Mode of channels and class of the sample rate.
  private func kind(_ own: MPEGAudioHeader) -> UInt8 {
    let mode = UInt8([1, 3, 2, 0][Int(header[3] >> 6)])
    let rate: UInt8 = own.sampleRate <= 32000 ? 0 : own.sampleRate == 44100 ? 1 : 2
    return rate << 6 | mode << 2 | 1
  }

  /// The header with a bit rate that gives a frame of at least `count` bytes.
  private func roomy(for count: Int) throws(MediaError) -> ([UInt8], Int) {
    var bytes = header
    let own = header[2] >> 4
    for index in (quality == nil ? [own] : []) + Array(1...14) {
      bytes[2] = index << 4 | header[2] & 0x0D
      if let header = MPEGAudioHeader(bytes[...]), header.frameLength >= count {
        return (bytes, header.frameLength)
      }
    }
    throw MediaError(.internalFault, .encode, "no frame has room for \(count) bytes")
  }

  /// CRC-16 with the polynomial 0x8005, lowest bit first, as LAME counts it.
  static func sum(of bytes: some Sequence<UInt8>, after sum: UInt16) -> UInt16 {
    bytes.reduce(sum) { sum, byte in table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8 }
  }

  private static let table: [UInt16] = (0..<256).map { index in
    (0..<8).reduce(UInt16(index)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xA001 : 0) }
  }

  /// LAME's fields of loudness in a frame without sound: peak and two gains; nil where there are none.
  static func gains(in frame: [UInt8], _ header: MPEGAudioHeader) -> ArraySlice<UInt8>? {
    let start = 4 + header.sideLength
    guard frame.count >= start + length, frame[start + 7] & 15 == 15,
      frame[start + 120..<start + 124].elementsEqual("LAME".utf8)
    else { return nil }
    return frame[start + 131..<start + 139]
  }
}
