internal import MediaCore

/// The chunks of a stream as the indexes of an AVI file list them (`idx1`; OpenDML AVI extensions 1.02, 3): a look at them costs a
/// walk through the whole file otherwise.
struct AVIChunkIndex {
  private let structure: AVIStructure
  private let reader: HeaderReader
  private let most: Int
  private(set) var chunks: [AVIMovie.Chunk] = []

  /// Nil where there is no index, where it is not whole, or where it does not fit to what stands in the file.
  init?(
    _ structure: AVIStructure, _ stream: AVIStream, named names: [[UInt8]], most: Int, in input: InputFile
  ) {
    (self.structure, self.most) = (structure, most)
    reader = HeaderReader(input, windowBytes: 1 << 16)
    do throws(MediaError) {
      if let index = stream.index {
        try readOpen(index)
      } else if structure.segments.count == 1,
        let index = structure.segments[0].chunks.first(where: { $0.id == "idx1" })
      {
        try readOld(index, names)
      }
      guard !chunks.isEmpty, try isTrue(names) else { return nil }
    } catch { return nil }
  }

  private static let misleading = MediaError(.malformed, .decode, "the index does not fit to the file")

  /// Whether chunks stand where the index says, as far as a sample of them tells.
  private func isTrue(_ names: [[UInt8]]) throws(MediaError) -> Bool {
    let probes = HeaderReader(reader.input, windowBytes: 8)
    for index in [0, chunks.count / 3, chunks.count * 2 / 3, chunks.count - 1] {
      let chunk = chunks[index]
      guard names.contains(try probes.bytes(4, at: chunk.offset)),
        Int(try probes.littleEndian(4, at: chunk.offset + 4)) == chunk.data.count
      else { return false }
    }
    return true
  }

  private mutating func add(_ offset: Int, _ size: Int) throws(MediaError) {
    guard chunks.count < most, offset >= 0, size <= reader.size - 8, offset <= reader.size - 8 - size else {
      throw Self.misleading
    }
    let end = offset + 8 + size
    chunks.append(AVIMovie.Chunk(offset: offset, data: offset + 8..<end, end: end + size % 2))
  }

  /// Offsets count from the word `movi`, or from the beginning of the file.
  private mutating func readOld(_ index: IFFChunk, _ names: [[UInt8]]) throws(MediaError) {
    guard let movie = structure.segments[0].movie, index.isWhole, index.data.count / 16 <= most else {
      throw Self.misleading
    }
    var base: Int?
    for entry in stride(from: index.data.lowerBound, to: index.data.upperBound - 15, by: 16) {
      let fields = try reader.bytes(16, at: entry)
      guard names.contains(Array(fields[..<4])) else { continue }
      let offset = Int(try reader.littleEndian(4, at: entry + 8))
      if base == nil {
        let isRelative = try reader.input.read(4, at: min(reader.size - 4, movie.data.lowerBound + offset))
        base = names.contains(isRelative) ? movie.data.lowerBound : 0
      }
      try add((base ?? 0) + offset, Int(try reader.littleEndian(4, at: entry + 12)))
    }
  }

  /// An index of indexes, one a segment, or one of chunks.
  private mutating func readOpen(_ index: IFFChunk) throws(MediaError) {
    guard index.data.count >= 24 else { throw Self.misleading }
    let start = index.data.lowerBound
    guard try reader.bytes(4, at: start)[3] == 0 else { return try readChunks(index.data) }
    let count = Int(try reader.littleEndian(4, at: start + 4))
    guard count <= (index.data.count - 24) / 16 else { throw Self.misleading }
    for entry in 0..<count {
      let place = start + 24 + 16 * entry
      let offset = Int(truncatingIfNeeded: try reader.littleEndian(8, at: place))
      guard offset >= 0, offset <= reader.size - 32 else { throw Self.misleading }
      // What the entry says of its size counts the head in or not, or is left open.
      let stored = Int(try reader.littleEndian(4, at: offset + 4))
      guard stored >= 24, stored <= reader.size - offset - 8 else { throw Self.misleading }
      try readChunks(offset + 8..<offset + 8 + stored)
    }
    guard count >= structure.segments.count else { throw Self.misleading }
  }

  /// Entries of eight bytes: where the data stands, and its size with a bit for what is no key frame.
  private mutating func readChunks(_ range: Range<Int>) throws(MediaError) {
    let head = try reader.bytes(24, at: range.lowerBound)
    let count = Int(try reader.littleEndian(4, at: range.lowerBound + 4))
    let base = Int(truncatingIfNeeded: try reader.littleEndian(8, at: range.lowerBound + 12))
    guard head[0] == 2, head[1] == 0, head[2] == 0, head[3] == 1, base >= 0, base < reader.size,
      count <= (range.count - 24) / 8
    else { throw Self.misleading }
    for entry in 0..<count {
      let place = range.lowerBound + 24 + 8 * entry
      let offset = base + Int(try reader.littleEndian(4, at: place)) - 8
      try add(offset, Int(try reader.littleEndian(4, at: place + 4) & 0x7FFF_FFFF))
    }
  }
}
