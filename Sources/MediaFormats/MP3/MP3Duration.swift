internal import MediaCore

/// How long a stream plays: by the count of frames in the Xing or VBRI header, else by its first bit rate.
enum MP3Duration {
  /// Seconds of the stream whose first frame begins at `offset` and whose last ends at `end`.
  static func seconds(
    _ header: MPEGAudioHeader, at offset: Int, end: Int, _ reader: HeaderReader
  ) throws(MediaError) -> Double? {
    let frame = try reader.bytes(min(header.frameLength, reader.size - offset), at: offset)
    if let samples = samples(header, in: frame) { return Double(samples) / Double(header.sampleRate) }
    return end > offset ? Double(end - offset) * 8 / Double(header.bitRate) : nil
  }

  /// Samples that the header in the first frame tells a player to leave out; zero where there is none.
  static func gap(
    _ header: MPEGAudioHeader, at offset: Int, _ reader: HeaderReader
  ) throws(MediaError) -> Int {
    let frame = try reader.bytes(min(header.frameLength, reader.size - offset), at: offset)
    let start = 4 + header.sideLength
    let isXing =
      frame.count >= start + 12 && ["Xing", "Info"].contains { frame[start...].starts(with: $0.utf8) }
    return isXing ? gap(in: frame, from: start) : 0
  }

  private static func samples(_ header: MPEGAudioHeader, in frame: [UInt8]) -> Int? {
    let start = 4 + header.sideLength
    if frame.count >= start + 12 {
      let mark = String(decoding: frame[start..<start + 4], as: UTF8.self)
      if mark == "Xing" || mark == "Info", frame[start + 7] & 1 != 0 {
        let frames = Int(frame[(start + 8)...].bigEndian32)
        return max(0, frames * header.samples - gap(in: frame, from: start))
      }
    }
    // Fraunhofer's header stands at a fixed place.
    guard frame.count >= 54, frame[36..<40].elementsEqual("VBRI".utf8) else { return nil }
    return Int(frame[50...].bigEndian32) * header.samples
  }

  /// Samples of delay and padding that an encoder of LAME's kind says a player leaves out: two times 12 bits, 21
  /// bytes into the tag that follows the Xing header's optional fields.
  private static func gap(in frame: [UInt8], from start: Int) -> Int {
    let flags = frame[start + 7]
    let fields: [(bit: UInt8, length: Int)] = [(1, 4), (2, 4), (4, 100), (8, 4)]
    let tag = start + 8 + fields.reduce(0) { $0 + (flags & $1.bit != 0 ? $1.length : 0) }
    guard frame.count >= tag + 24, (0x20...0x7E).contains(frame[tag]) else { return 0 }
    let (a, b, c) = (Int(frame[tag + 21]), Int(frame[tag + 22]), Int(frame[tag + 23]))
    return (a << 4 | b >> 4) + ((b & 15) << 8 | c)
  }
}
