internal import MediaCore

/// The chunks of a WAVE file.
struct WAVEStructure {
  static let forms = ["RIFF", "RF64", "BW64"]
  /// What a size field says when the size stands in `ds64`, or is not known.
  static let unknown: UInt64 = 0xFFFF_FFFF

  let chunks: [IFFChunk]
  let format: WaveFormat
  /// The `fmt ` chunk.
  let formatChunk: IFFChunk
  /// Where the size of the form stands, and how many bytes it takes; nil when a streaming writer left it open.
  let sizeField: (offset: Int, count: Int)?
  /// Offset behind the form; the end of the file where the size is open or lies beyond.
  let end: Int
  /// What the file ends inside of, and where that goes on to; nil for a whole file.
  let cut: (what: String, end: UInt64)?

  /// Throws `malformed` for a file without `fmt `.
  init(_ reader: HeaderReader, limits: Limits) throws(MediaError) {
    guard reader.size >= 12 else {
      throw MediaError(.malformed, .decode, "file of \(reader.size) bytes is too short for a WAVE form")
    }
    let is64 = try reader.bytes(4, at: 0) != Array("RIFF".utf8)
    let sizes = is64 ? try DataSizes(reader, limits: limits) : nil
    let size32 = try reader.littleEndian(4, at: 4)
    var size = size32
    var field: (Int, Int)? = (4, 4)
    if let sizes, size32 == Self.unknown {
      size = sizes.form
      field = (20, 8)
    } else if size32 == Self.unknown || size32 == 0 {
      field = nil
    }
    let isOpen = field == nil
    chunks = try IFFChunk.all(in: 12..<reader.size, reader, order: .little, limits: limits) {
      (id, start, stored) throws(MediaError) in
      if let known = sizes?.size(of: id, stored: stored) { return known }
      guard id == "data", try Self.isOpenEnded(stored, at: start, isOpen, reader) else { return stored }
      return UInt64(reader.size - start)
    }
    guard let chunk = chunks.first(where: { $0.id == "fmt " }),
      let format = WaveFormat(
        try reader.bytes(min(chunk.data.count, 40), at: chunk.data.lowerBound))
    else {
      throw MediaError(
        .malformed, .decode, "no fmt chunk among the \(chunks.count) chunks of the WAVE form")
    }
    self.format = format
    formatChunk = chunk
    sizeField = field
    let rest = UInt64(reader.size - 8)
    end = isOpen || size > rest ? reader.size : 8 + Int(size)
    if let chunk = chunks.last(where: { !$0.isWhole }) {
      cut = ("chunk '\(chunk.id)' at offset \(chunk.offset)", chunk.announcedEnd)
    } else if !isOpen, size > rest + 1 {
      // A missing padding byte at the end is no loss.
      cut = ("the RIFF form", size.addingReportingOverflow(8).partialValue)
    } else {
      cut = nil
    }
  }

  /// Whether `data` goes to the end of the file: the size was never written.
  private static func isOpenEnded(
    _ stored: UInt64, at start: Int, _ isFormOpen: Bool, _ reader: HeaderReader
  ) throws(MediaError) -> Bool {
    if stored == unknown { return UInt64(reader.size - start) < unknown }
    guard stored == 0, start < reader.size else { return false }
    if isFormOpen { return true }
    let next = try reader.bytes(min(4, reader.size - start), at: start)
    return next.count < 4 || !next.allSatisfy { (0x20...0x7E).contains($0) }
  }

  /// Bytes of sound.
  var dataLength: Int { chunks.first { $0.id == "data" }?.data.count ?? 0 }
}

/// The sizes that a 64-bit form keeps in its first chunk, `ds64` (EBU Tech 3306 2.4).
struct DataSizes {
  let form: UInt64
  private let data: UInt64
  private let others: [(id: String, size: UInt64)]

  /// Throws `malformed` when the form does not begin with `ds64`.
  init(_ reader: HeaderReader, limits: Limits) throws(MediaError) {
    guard reader.size >= 48, try reader.bytes(4, at: 12) == Array("ds64".utf8),
      case let length = Int(try reader.littleEndian(4, at: 16)), length >= 28
    else { throw MediaError(.malformed, .decode, "a 64-bit WAVE form does not begin with a ds64 chunk") }
    form = try reader.littleEndian(8, at: 20)
    data = try reader.littleEndian(8, at: 28)
    let count = min(Int(try reader.littleEndian(4, at: 44)), (length - 28) / 12, limits.metadataItems)
    var others: [(String, UInt64)] = []
    for index in 0..<count {
      let entry = 48 + 12 * index
      others.append(
        (TextCoding.latin1(try reader.bytes(4, at: entry)), try reader.littleEndian(8, at: entry + 4)))
    }
    self.others = others
  }

  /// The size of a chunk whose own field says that it stands here; nil when it does not.
  func size(of id: String, stored: UInt64) -> UInt64? {
    guard stored == WAVEStructure.unknown else { return nil }
    return id == "data" ? data : others.first { $0.id == id }?.size
  }
}
