internal import MediaCore

/// The indexes of an AVI file that hold offsets from the beginning of the file: an `idx1` of some old writers, the
/// OpenDML `indx` of each stream and the `ix##` chunks that it names (OpenDML AVI extensions 1.02, 3).
struct AVIIndexes {
  let structure: AVIStructure
  let reader: HeaderReader
  let limits: Limits

  /// Adds to `edits` what makes the indexes right after them. Throws `unsupported` for an index that cannot be read,
  /// when something that it names has moved.
  func correct(_ edits: inout ByteEdits) throws(MediaError) {
    let moved = edits
    func hasMoved(_ offset: Int) -> Bool { moved.position(of: offset) != offset }
    guard structure.segments.contains(where: { $0.movie.map { hasMoved($0.offset) } ?? false }) else {
      return
    }
    if let movie = structure.segments[0].movie, hasMoved(movie.offset),
      let index = structure.segments[0].chunks.first(where: { $0.id == "idx1" })
    {
      try correctOld(index, movie, moved, &edits)
    }
    var done: Set<Int> = []
    for stream in structure.streams {
      if let index = stream.index { try correct(index, moved, &done, &edits) }
    }
  }

  private static func unreadable(_ chunk: IFFChunk) -> MediaError {
    MediaError(
      .unsupported, .metadata,
      "index '\(chunk.id)' at offset \(chunk.offset) cannot be corrected for samples that move; remux first (`ffmpeg -i in.avi -c copy out.avi`)"
    )
  }

  /// Entries of `idx1` count from the word `movi`, or in odd files from the beginning of the file: the first entry
  /// shows which, by where its chunk is found.
  private func correctOld(
    _ index: IFFChunk, _ movie: IFFChunk, _ moved: ByteEdits, _ edits: inout ByteEdits
  ) throws(MediaError) {
    guard index.data.count >= 16 else { return }
    let id = try reader.bytes(4, at: index.data.lowerBound)
    let offset = Int(try reader.littleEndian(4, at: index.data.lowerBound + 8))
    func holds(_ place: Int) throws(MediaError) -> Bool {
      guard place <= reader.size - 4 else { return false }
      return try reader.bytes(4, at: place) == id
    }
    if try holds(movie.data.lowerBound + offset) { return }
    guard try holds(offset), index.data.count <= limits.indexBytes else { throw Self.unreadable(index) }
    var bytes = try reader.bytes(index.data.count, at: index.data.lowerBound)
    // One movi moves as a whole.
    let shift = moved.position(of: movie.offset) - movie.offset
    for entry in stride(from: 8, to: bytes.count - 7, by: 16) {
      let old = Int(bytes[entry..<entry + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
      guard let new = UInt32(exactly: old + shift) else { throw Self.unreadable(index) }
      bytes.replaceSubrange(entry..<entry + 4, with: new.littleEndianBytes)
    }
    try edits.replace(index.data, with: bytes)
  }

  /// Corrects an `indx`, an index of indexes or of chunks.
  private func correct(
    _ index: IFFChunk, _ moved: ByteEdits, _ done: inout Set<Int>, _ edits: inout ByteEdits
  ) throws(MediaError) {
    guard index.data.count >= 24 else { throw Self.unreadable(index) }
    let start = index.data.lowerBound
    let type = try reader.bytes(4, at: start)[3]
    if type == 1 { return try correctBase(index, moved, &edits) }
    let count = Int(try reader.littleEndian(4, at: start + 4))
    guard type == 0, count <= min((index.data.count - 24) / 16, limits.metadataItems) else {
      throw Self.unreadable(index)
    }
    for entry in 0..<count {
      let place = start + 24 + 16 * entry
      guard let offset = Int(exactly: try reader.littleEndian(8, at: place)), offset > 0 else { continue }
      let new = UInt64(moved.position(of: offset))
      try edits.replace(place..<place + 8, with: new.littleEndianBytes)
      guard let part = try part(at: offset) else { throw Self.unreadable(index) }
      if done.insert(part.offset).inserted { try correctBase(part, moved, &edits) }
      guard done.count <= limits.metadataItems else { throw Self.unreadable(index) }
    }
  }

  /// The `ix##` chunk that an entry names, by its beginning or by that of its data.
  private func part(at offset: Int) throws(MediaError) -> IFFChunk? {
    for start in [offset, offset - 8] where start >= 0 && start <= reader.size - 32 {
      let id = try reader.bytes(4, at: start)
      guard id.starts(with: "ix".utf8) || id.suffix(2).elementsEqual("ix".utf8) else { continue }
      let size = Int(try reader.littleEndian(4, at: start + 4))
      guard size >= 24, size <= reader.size - start - 8 else { continue }
      let end = start + 8 + size
      return IFFChunk(
        id: TextCoding.latin1(id), offset: start, data: start + 8..<end, end: end + size % 2, isWhole: true)
    }
    return nil
  }

  /// Corrects the offset from which the entries of an index of chunks count, by how far the first entry's chunk moves.
  private func correctBase(
    _ index: IFFChunk, _ moved: ByteEdits, _ edits: inout ByteEdits
  ) throws(MediaError) {
    let start = index.data.lowerBound
    guard try reader.littleEndian(4, at: start + 4) > 0, index.data.count >= 32 else { return }
    guard let base = Int(exactly: try reader.littleEndian(8, at: start + 12)), base < reader.size else {
      throw Self.unreadable(index)
    }
    let first = base + Int(try reader.littleEndian(4, at: start + 24))
    let shift = moved.position(of: first) - first
    guard shift != 0 else { return }
    guard let new = UInt64(exactly: base + shift) else { throw Self.unreadable(index) }
    try edits.replace(start + 12..<start + 20, with: new.littleEndianBytes)
  }
}
