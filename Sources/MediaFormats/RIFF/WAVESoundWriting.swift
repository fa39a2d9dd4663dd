internal import MediaCore

extension WAVEFormat: SoundWriting {
  /// PCM of 16 bits.
  func write(_ sound: PCMSound, to output: OutputFile) throws(MediaError) {
    let data = 2 * sound.samples.count
    guard let size = UInt32(exactly: data + 36), let rate = UInt32(exactly: sound.sampleRate),
      let channels = UInt16(exactly: sound.channels)
    else { throw MediaError(.limitExceeded, .encode, "\(data) bytes of sound are too many for RIFF") }
    let frame = 2 * UInt32(channels)
    var head = Array("RIFF".utf8) + Self.bytes(size) + Array("WAVEfmt ".utf8) + Self.bytes(16)
    head += Self.bytes(1 | UInt32(channels) << 16) + Self.bytes(rate) + Self.bytes(rate &* frame)
    head += Self.bytes(frame | 16 << 16) + Array("data".utf8) + Self.bytes(UInt32(data))
    try output.write(head)
    try output.write(
      sound.samples.flatMap {
        [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
      })
  }

  private static func bytes(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
