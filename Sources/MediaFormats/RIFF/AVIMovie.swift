internal import MediaCore

/// The chunks of one stream in the lists `movi` of an AVI file, in the order of the file.
struct AVIMovie {
  /// A chunk; one without data repeats the picture before it.
  struct Chunk {
    let offset: Int
    let data: Range<Int>
    /// Where the next chunk stands.
    let end: Int
  }

  /// A list `movi`, or a `rec ` inside of one.
  struct List {
    let offset: Int
    /// Its size as stored.
    let size: Int
    /// The chunks in it, also in lists inside of it.
    var chunks: Range<Int>
  }

  private(set) var chunks: [Chunk] = []
  private(set) var lists: [List] = []
  /// Why the lists cannot be followed to their end; nil when they can.
  private(set) var defect: String?

  private let reader: HeaderReader
  private let names: [[UInt8]]
  private let most: Int
  /// Chunks behind which nothing is looked for.
  private let wanted: Int

  /// What the names of chunks end with: pictures, compressed or not, and their palette; sound.
  static let pictures = ["dc", "db", "pc"]
  static let sound = ["wb"]

  /// The chunks of stream `number` whose names end with one of `kinds`, the first `wanted` of them. Throws `limitExceeded` for more than are held in
  /// memory, `unsupported` for a palette that changes.
  init(
    _ structure: AVIStructure, stream number: Int, _ kinds: [String], most wanted: Int? = nil,
    in input: InputFile,
    limits: Limits
  ) throws(MediaError) {
    // Chunks are stepped over by their heads alone.
    reader = HeaderReader(input, windowBytes: 128)
    names = Self.names(of: number, kinds)
    self.wanted = wanted ?? .max
    most = limits.indexBytes / (MemoryLayout<Chunk>.stride + MemoryLayout<VideoSample>.stride)
    for segment in structure.segments {
      guard let movie = segment.movie else { continue }
      try walk(movie.offset, movie.data, size: movie.data.count, isRecord: false)
    }
  }

  /// The names of the chunks of a stream.
  static func names(of number: Int, _ kinds: [String]) -> [[UInt8]] {
    let digits = Array((number < 10 ? "0\(number)" : "\(number)").utf8)
    return kinds.map { digits + Array($0.utf8) }
  }

  private mutating func walk(_ start: Int, _ data: Range<Int>, size: Int, isRecord: Bool) throws(MediaError) {
    let index = lists.count
    guard index < most else { throw .tooMany("lists", most) }
    lists.append(List(offset: start, size: size, chunks: chunks.count..<chunks.count))
    defer { lists[index].chunks = lists[index].chunks.lowerBound..<chunks.count }
    var offset = data.lowerBound + 4
    while data.upperBound - offset >= 8, defect == nil, chunks.count < wanted {
      let id = try reader.bytes(4, at: offset)
      let size = Int(try reader.littleEndian(4, at: offset + 4))
      let start = offset + 8
      guard id.allSatisfy({ (0x20...0x7E).contains($0) }), size <= data.upperBound - start else {
        defect = "no whole chunk stands at offset \(offset) among the samples"
        return
      }
      let end = min(data.upperBound, start + size + size % 2)
      let isList = id.elementsEqual("LIST".utf8) && size >= 4 && !isRecord
      if isList, try reader.bytes(4, at: start).elementsEqual("rec ".utf8) {
        try walk(offset, start..<start + size, size: size, isRecord: true)
      } else if let kind = names.firstIndex(of: id) {
        try add(Chunk(offset: offset, data: start..<start + size, end: end), isPalette: kind == 2)
      }
      offset = end
    }
  }

  private mutating func add(_ chunk: Chunk, isPalette: Bool) throws(MediaError) {
    guard !isPalette else {
      throw MediaError(.unsupported, .decode, "the palette of the pictures changes at offset \(chunk.offset)")
    }
    guard chunks.count < most else { throw .tooMany("chunks", most) }
    chunks.append(chunk)
  }
}
