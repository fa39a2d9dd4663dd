internal import MediaCore

/// A chunk of an IFF file (EA IFF 85, RIFF with the other byte order): four letters, the size of the data, the data,
/// and a byte to make it even that the size does not count.
struct IFFChunk {
  /// The four letters.
  let id: String
  /// Offset of the letters.
  let offset: Int
  /// Where the data stands, cut to what is there.
  let data: Range<Int>
  /// Offset of the next chunk.
  let end: Int
  /// Whether all data is there.
  let isWhole: Bool
  /// Where the data would end as its size says, behind `data` where it is cut.
  let announcedEnd: UInt64

  /// Letters of a list's or form's type, the first four bytes of its data; empty when it has none.
  func type(_ reader: HeaderReader) throws(MediaError) -> String {
    data.count < 4 ? "" : TextCoding.latin1(try reader.bytes(4, at: data.lowerBound))
  }

  /// The chunks of a list or form.
  func children(
    _ reader: HeaderReader, order: IFFByteOrder, limits: Limits
  ) throws(MediaError) -> [IFFChunk] {
    guard data.count >= 4 else { return [] }
    return try IFFChunk.all(in: data.dropFirst(4), reader, order: order, limits: limits)
  }

  /// The chunks in `range`, up to the first whose letters are none: behind it the framing is lost. `size` corrects
  /// the stored size of a chunk, given its letters and the offset of its data. Throws `limitExceeded` for too many.
  static func all(
    in range: Range<Int>, _ reader: HeaderReader, order: IFFByteOrder, limits: Limits,
    size: (String, Int, UInt64) throws(MediaError) -> UInt64 = {
      (_, _, size) throws(MediaError) in size
    }
  ) throws(MediaError) -> [IFFChunk] {
    var chunks: [IFFChunk] = []
    var offset = range.lowerBound
    while range.upperBound - offset >= 8 {
      let letters = try reader.bytes(4, at: offset)
      guard letters.allSatisfy({ (0x20...0x7E).contains($0) }) else { break }
      guard chunks.count < limits.metadataItems else {
        throw MediaError(
          .limitExceeded, .decode, "more than \(limits.metadataItems) chunks up to offset \(offset)")
      }
      let id = TextCoding.latin1(letters)
      let start = offset + 8
      let stored = try order.integer(4, at: offset + 4, reader)
      let count = try size(id, start, stored)
      let room = range.upperBound - start
      let isWhole = count <= UInt64(room)
      let end = isWhole ? start + Int(count) : range.upperBound
      let next = min(range.upperBound, end + (end - start) % 2)
      chunks.append(
        IFFChunk(
          id: id, offset: offset, data: start..<end, end: next, isWhole: isWhole,
          announcedEnd: UInt64(start).addingReportingOverflow(count).partialValue))
      offset = next
    }
    return chunks
  }

  /// A chunk as stored in a RIFF file.
  static func riff(_ id: String, _ data: [UInt8]) -> [UInt8] {
    Array(id.utf8) + UInt32(truncatingIfNeeded: data.count).littleEndianBytes + data
      + [UInt8](repeating: 0, count: data.count % 2)
  }
}

/// The order of bytes in the sizes of an IFF file.
enum IFFByteOrder {
  case little, big

  /// The unsigned integer of `count` bytes at `offset`.
  func integer(_ count: Int, at offset: Int, _ reader: HeaderReader) throws(MediaError) -> UInt64 {
    self == .big
      ? try reader.bigEndian(count, at: offset) : try reader.littleEndian(count, at: offset)
  }
}
