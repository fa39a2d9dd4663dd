internal import MediaCore

/// Reads small headers scattered over a large file, through one window, so that a neighbour costs no system call.
/// Owned by one worker.
final class HeaderReader {
  /// The file.
  let input: InputFile
  /// Bytes of the file.
  var size: Int { input.size }
  private var window: [UInt8] = []
  private var start = 0
  private let windowBytes: Int

  /// A reader with a window of `windowBytes`.
  init(_ input: InputFile, windowBytes: Int = 16 << 10) {
    self.input = input
    self.windowBytes = windowBytes
  }

  /// `count` bytes from `offset`; throws `malformed` where the file ends before. The caller bounds `count`.
  func bytes(_ count: Int, at offset: Int) throws(MediaError) -> [UInt8] {
    Array(try slice(count, at: offset))
  }

  /// An unsigned integer of `count` (1 … 8) bytes, most significant first.
  func bigEndian(_ count: Int, at offset: Int) throws(MediaError) -> UInt64 {
    try slice(count, at: offset).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// An unsigned integer of `count` (1 … 8) bytes, least significant first.
  func littleEndian(_ count: Int, at offset: Int) throws(MediaError) -> UInt64 {
    try slice(count, at: offset).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func slice(_ count: Int, at offset: Int) throws(MediaError) -> ArraySlice<UInt8> {
    let (end, isTooFar) = offset.addingReportingOverflow(count)
    guard count >= 0, offset >= 0, !isTooFar, end <= size else {
      throw MediaError(
        .malformed, .decode, "\(count) bytes were expected at offset \(offset) of a file of \(size)")
    }
    if offset < start || end > start + window.count {
      window = try input.read(min(max(windowBytes, count), size - offset), at: offset)
      start = offset
    }
    guard end <= start + window.count else {
      throw MediaError(.io, .decode, "file shrank while it was read: it ends at byte \(start + window.count)")
    }
    return window[(offset - start)..<(end - start)]
  }
}
