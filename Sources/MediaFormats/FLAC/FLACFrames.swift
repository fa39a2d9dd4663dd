internal import MediaCore

/// Walks through the frames of a stream, in order, with a window of the file.
struct FLACFrames {
  private static let windowBytes = 1 << 20
  /// More than the largest frame: 65535 samples of 8 channels with 32 bits, and what they may take verbatim.
  private static let largest = 4 << 20

  private let input: InputFile
  private let end: Int
  private let streamBits: Int
  private let channels: Int
  private var window: [UInt8] = []
  private var windowStart: Int
  /// Offset of the next frame.
  private(set) var offset: Int
  /// Which sample the next frame begins with.
  private(set) var sample = 0

  /// `end` is where the frames end at the latest.
  init(_ input: InputFile, from start: Int, to end: Int, streamBits: Int, channels: Int) {
    self.input = input
    self.end = end
    self.streamBits = streamBits
    self.channels = channels
    windowStart = start
    offset = start
  }

  /// The next frame; nil at the end. Throws `malformed` for what cannot be decoded.
  mutating func next() throws(MediaError) -> FLACFrame? {
    guard offset < end else { return nil }
    var size = Self.windowBytes
    while true {
      let isAtEnd = windowStart + window.count - FLACBitReader.padding >= end
      let position = offset - windowStart
      let streamBits = streamBits
      let outcome = window.withUnsafeBytes { raw in
        position + FLACBitReader.padding < raw.count
          ? FLACFrameDecoder.decode(raw, at: position, streamBits: streamBits) : .needsMore
      }
      switch outcome {
      case .frame(let frame) where frame.header.channels == channels && frame.header.bits == streamBits:
        offset += frame.length
        sample += frame.header.count
        return frame
      case .needsMore where !isAtEnd && size <= Self.largest:
        let count = min(size, end - offset)
        window = try input.read(count, at: offset)
        guard window.count == count else {
          throw MediaError(
            .io, .decode, "file shrank while it was read: it ends at byte \(offset + window.count)")
        }
        window += [UInt8](repeating: 0, count: FLACBitReader.padding)
        windowStart = offset
        size *= 2
      case .needsMore where isAtEnd:
        throw .cut(
          at: end, inside: "the FLAC frame at offset \(offset), sample \(sample),",
          as: FLACFormat().descriptor.id, keeping: "-map 0 -c:v copy -c:a flac")
      default:
        throw MediaError(
          .malformed, .decode, "the FLAC frame at offset \(offset), sample \(sample), is damaged")
      }
    }
  }
}
