internal import MediaCore

/// The indexes of an AVI file that hold offsets from the beginning of the file: an `idx1` of some old writers, the
/// OpenDML `indx` of each stream and the `ix##` chunks that it names (OpenDML AVI extensions 1.02, 3).
struct AVIIndexes {
  let structure: AVIStructure
  let reader: HeaderReader
  let limits: Limits

  /// Pictures and sound coded anew.
  let media: AVIMediaEdit?

  /// Adds to `edits` what makes the indexes right after them. Throws `unsupported` for an index that cannot be read,
  /// when something that it names has moved.
  func correct(_ edits: inout ByteEdits) throws(MediaError) {
    let moved = edits.offsetMap
    func hasMoved(_ offset: Int) -> Bool { moved(offset) != offset }
    let movies = structure.segments.compactMap(\.movie)
    guard media != nil || movies.contains(where: { hasMoved($0.offset) }) else { return }
    if let movie = structure.segments[0].movie, media != nil || hasMoved(movie.offset),
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
    _ index: IFFChunk, _ movie: IFFChunk, _ moved: ByteEdits.OffsetMap, _ edits: inout ByteEdits
  ) throws(MediaError) {
    guard index.data.count >= 16 else { return }
    let first = try reader.bytes(4, at: index.data.lowerBound)
    let id = first.elementsEqual("rec ".utf8) ? Array("LIST".utf8) : first
    let offset = Int(try reader.littleEndian(4, at: index.data.lowerBound + 8))
    func holds(_ place: Int) throws(MediaError) -> Bool {
      guard place <= reader.size - 4 else { return false }
      return try reader.bytes(4, at: place) == id
    }
    let isRelative = try holds(movie.data.lowerBound + offset)
    // One movi moves as a whole, unless it changes inside.
    if isRelative, media == nil { return }
    let isReadable = isRelative ? true : try holds(offset)
    guard isReadable, index.data.count <= limits.indexBytes else {
      throw Self.unreadable(index)
    }
    let base = isRelative ? movie.data.lowerBound : 0
    var bytes = try reader.bytes(index.data.count, at: index.data.lowerBound)
    for entry in stride(from: 0, to: bytes.count - 15, by: 16) {
      let old = base + Int(bytes.littleEndian(4, at: entry + 8))
      guard let new = UInt32(exactly: moved(old) - (isRelative ? moved(base) : 0)) else {
        throw Self.unreadable(index)
      }
      bytes.replaceSubrange(entry + 8..<entry + 12, with: new.littleEndianBytes)
      if let chunk = media?.chunks[old + 8] {
        // AVIIF_KEYFRAME.
        bytes[entry + 4] = bytes[entry + 4] & ~0x10 | (chunk.isKey ? 0x10 : 0)
        bytes.replaceSubrange(entry + 12..<entry + 16, with: UInt32(clamping: chunk.size).littleEndianBytes)
      } else if let growth = media?.growths[old] {
        let size = UInt32(clamping: Int(bytes.littleEndian(4, at: entry + 12)) + growth)
        bytes.replaceSubrange(entry + 12..<entry + 16, with: size.littleEndianBytes)
      }
    }
    try edits.replace(index.data, with: bytes)
  }

  /// Corrects an `indx`, an index of indexes or of chunks.
  private func correct(
    _ index: IFFChunk, _ moved: ByteEdits.OffsetMap, _ done: inout Set<Int>, _ edits: inout ByteEdits
  ) throws(MediaError) {
    guard index.data.count >= 24 else { throw Self.unreadable(index) }
    let start = index.data.lowerBound
    let type = try reader.bytes(4, at: start)[3]
    if type == 1 { return try correctChunks(index, moved, &edits) }
    let count = Int(try reader.littleEndian(4, at: start + 4))
    guard type == 0, count <= min((index.data.count - 24) / 16, limits.metadataItems) else {
      throw Self.unreadable(index)
    }
    for entry in 0..<count {
      let place = start + 24 + 16 * entry
      guard let offset = Int(exactly: try reader.littleEndian(8, at: place)), offset > 0 else { continue }
      let new = UInt64(moved(offset))
      try edits.replace(place..<place + 8, with: new.littleEndianBytes)
      guard let part = try part(at: offset) else { throw Self.unreadable(index) }
      if done.insert(part.offset).inserted { try correctChunks(part, moved, &edits) }
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
        id: TextCoding.latin1(id), offset: start, data: start + 8..<end, end: end + size % 2, isWhole: true,
        announcedEnd: UInt64(end))
    }
    return nil
  }

  /// Corrects an index of chunks: the offset from which its entries count, by how far the first entry's chunk moves, or
  /// where chunks have changed, all of it.
  private func correctChunks(
    _ index: IFFChunk, _ moved: ByteEdits.OffsetMap, _ edits: inout ByteEdits
  ) throws(MediaError) {
    let start = index.data.lowerBound
    let count = Int(try reader.littleEndian(4, at: start + 4))
    guard count > 0, index.data.count >= 32 else { return }
    guard let base = Int(exactly: try reader.littleEndian(8, at: start + 12)), base < reader.size else {
      throw Self.unreadable(index)
    }
    let first = base + Int(try reader.littleEndian(4, at: start + 24))
    let place = media == nil ? base + moved(first) - first : base == 0 ? 0 : moved(base)
    guard let new = UInt64(exactly: place) else { throw Self.unreadable(index) }
    if place != base { try edits.replace(start + 12..<start + 20, with: new.littleEndianBytes) }
    if let media { try correctEntries(index, count, from: base, to: place, media, moved, &edits) }
  }

  private func correctEntries(
    _ index: IFFChunk, _ count: Int, from base: Int, to place: Int, _ media: AVIMediaEdit,
    _ moved: ByteEdits.OffsetMap, _ edits: inout ByteEdits
  ) throws(MediaError) {
    let range = index.data.dropFirst(24)
    let head = try reader.bytes(4, at: index.data.lowerBound)
    // Two words an entry, or three where a second field stands apart.
    let width = head[0] == 2 && head[2] == 0 ? 8 : head[0] == 3 && head[2] == 1 ? 12 : 0
    guard width > 0, range.count <= limits.indexBytes, count <= range.count / width else {
      throw Self.unreadable(index)
    }
    var bytes = try reader.bytes(count * width, at: range.lowerBound)
    for entry in stride(from: 0, to: bytes.count, by: width) {
      let old = base + Int(bytes.littleEndian(4, at: entry))
      guard let new = UInt32(exactly: moved(old) - place) else { throw Self.unreadable(index) }
      bytes.replaceSubrange(entry..<entry + 4, with: new.littleEndianBytes)
      guard let chunk = media.chunks[old] else { continue }
      guard width == 8 else { throw Self.unreadable(index) }
      // The highest bit marks what is no key frame.
      let size = UInt32(clamping: chunk.size) | (chunk.isKey ? 0 : 1 << 31)
      bytes.replaceSubrange(entry + 4..<entry + 8, with: size.littleEndianBytes)
    }
    try edits.replace(range.lowerBound..<range.lowerBound + bytes.count, with: bytes)
  }
}

extension [UInt8] {
  /// An unsigned integer of `count` bytes at `offset`, least significant first.
  fileprivate func littleEndian(_ count: Int, at offset: Int) -> UInt64 {
    self[offset..<offset + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
