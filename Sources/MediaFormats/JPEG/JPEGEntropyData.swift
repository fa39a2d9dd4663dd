internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The entropy-coded data of one scan without stuffed bytes and restart markers (T.81 B.1.1.5, F.1.2.3).
struct JPEGEntropyData {
  /// Zeros behind the data: more than one block can take, so that a reader has to look for the end only between blocks.
  private static let padding = 512

  let buffer: ScratchBuffer
  /// Bytes of data in `buffer`.
  let count: Int
  /// Where each restart interval but the first begins, in bytes of `buffer`.
  let intervals: [Int]
  /// Where the data ends in the file: the offset of EOI.
  let end: Int

  /// Reads from `start`, where a scan's data begins. Nil unless EOI follows the data and the restart markers are in turn.
  init?(_ bytes: UnsafeRawBufferPointer, from start: Int, _ scratch: Scratch) {
    guard start < bytes.count, let source = bytes.baseAddress else { return nil }
    // Positions in bits are held in 32 of them.
    guard bytes.count - start < 1 << 28 else { return nil }
    let buffer = scratch.borrow(bytes.count - start + Self.padding)
    guard let target = buffer.bytes.baseAddress else { return nil }
    var (offset, count) = (start, 0)
    var intervals: [Int] = []
    while true {
      guard let marker = bytes.firstMarkerByte(from: offset, before: bytes.count - 1) else { return nil }
      target.advanced(by: count).copyMemory(from: source + offset, byteCount: marker - offset)
      count += marker - offset
      offset = marker + 2
      let code = bytes[marker + 1]
      if code == 0 {
        target.storeBytes(of: 0xFF, toByteOffset: count, as: UInt8.self)
        count += 1
      } else if code == 0xD9 {
        end = marker
        break
      } else {
        guard Int(code) == 0xD0 + intervals.count % 8 else { return nil }
        intervals.append(count)
      }
    }
    target.advanced(by: count).initializeMemory(as: UInt8.self, repeating: 0, count: Self.padding)
    self.buffer = buffer
    self.count = count
    self.intervals = intervals
  }
}

extension UnsafeRawBufferPointer {
  /// The first 0xFF at or behind `start`; nil when there is none before `end`.
  func firstMarkerByte(from start: Int, before end: Int) -> Int? {
    guard let baseAddress, start < end, let found = memchr(baseAddress + start, 0xFF, end - start) else {
      return nil
    }
    return UnsafeRawPointer(found) - baseAddress
  }
}
