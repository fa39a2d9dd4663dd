internal import MediaCore

/// Finds tags of an FLV file by their times, without those in front of them: tags tell their size at both ends, by which the
/// beginning of one is recognised anywhere.
struct FLVSeek {
  let reader: HeaderReader
  /// Where the first tag stands.
  let firstTag: Int

  /// Bytes that are rather walked through than jumped over.
  private static let near = 1 << 20
  /// Bytes among which the beginning of a tag is looked for: a tag has at most 16 MiB.
  private static let reach = 1 << 22
  private static let piece = 1 << 16
  /// Tags that must follow one another.
  private static let proof = 4

  /// The beginning of a tag from which on all of the time from `milliseconds` on stand, as far as times rise.
  func place(before milliseconds: Int) throws(MediaError) -> Int {
    var (low, high) = (firstTag, reader.size)
    while high - low > Self.near {
      let middle = low + (high - low) / 2
      if let tag = try tag(from: middle, to: high), tag.timestamp < milliseconds {
        low = tag.offset
      } else {
        high = middle
      }
    }
    return low
  }

  /// The first tag that begins at `start` or behind it.
  private func tag(from start: Int, to end: Int) throws(MediaError) -> FLVTag? {
    let last = min(end, start + Self.reach, reader.size - FLVTag.headerBytes)
    var offset = start
    while offset < last {
      let bytes = try reader.input.read(min(Self.piece, reader.size - offset), at: offset)
      guard bytes.count > FLVTag.headerBytes else { return nil }
      for index in 0..<bytes.count - FLVTag.headerBytes where offset + index < last {
        // Kind and the number of the stream, which is always zero.
        guard FLVTag.Kind(rawValue: bytes[index]) != nil, bytes[index + 8] == 0, bytes[index + 9] == 0,
          bytes[index + 10] == 0
        else { continue }
        if let tag = try proved(at: offset + index) { return tag }
      }
      offset += bytes.count - FLVTag.headerBytes
    }
    return nil
  }

  /// The tag at `offset` if that is one: others follow, each behind the size of the one in front.
  private func proved(at offset: Int) throws(MediaError) -> FLVTag? {
    let first = try FLVTag(at: offset, in: reader)
    var tag = first
    for _ in 1..<Self.proof {
      guard tag.kind != nil, tag.length > 0, tag.end <= reader.size - 4,
        try reader.bigEndian(4, at: tag.end) == UInt64(tag.length + FLVTag.headerBytes)
      else { return nil }
      // The end of the file is as good as another tag.
      guard tag.end + 4 + FLVTag.headerBytes <= reader.size else { return first }
      tag = try FLVTag(at: tag.end + 4, in: reader)
    }
    return first
  }
}
