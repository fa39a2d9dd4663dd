internal import MediaCore

extension MetadataCarrier {
  /// A chunk of a RIFF file.
  static let riff = MetadataCarrier(rawValue: "riff-chunk")
  /// An entry of a RIFF file's `LIST INFO`.
  static let info = MetadataCarrier(rawValue: "riff-info")
}

/// Reads the metadata chunks that WAVE and AVI files share.
struct RIFFMetadata {
  /// The name of the label's chunk, of its own (WAVE) or in `LIST INFO` (AVI).
  static let label = "AIGC"

  let reader: HeaderReader
  /// Whether the label belongs into a chunk of its own instead of `LIST INFO`.
  let hasOwnChunk: Bool

  /// Adds what `chunk` says; one behind the end of the form is in no regular place.
  func add(_ chunk: IFFChunk, isInForm: Bool = true, to list: inout MetadataList) throws(MediaError) {
    switch chunk.id {
    case "AIGC", "aigc":
      try addText(
        chunk, "\(chunk.id) chunk", to: &list, isRegular: hasOwnChunk && isInForm && chunk.id == Self.label)
    case "iXML", "axml": try addText(chunk, "\(chunk.id) chunk", to: &list, isRegular: false)
    case "LIST":
      if try chunk.type(reader) == "INFO" { try addInfo(chunk, isInForm: isInForm, to: &list) }
    case "_PMX":
      guard chunk.data.count <= list.room else {
        return try addText(chunk, "_PMX XMP", to: &list, isRegular: false)
      }
      try list.addPacket(
        try reader.bytes(chunk.data.count, at: chunk.data.lowerBound), offset: chunk.offset, path: "_PMX XMP",
        isRegularPlace: false)
    case "id3 ", "ID3 ":
      if let tag = try tag(of: chunk, limits: list.limits) {
        try ID3Site(tag: tag, isRegularPlace: false, prefix: "\(chunk.id)chunk ").add(to: &list)
      }
    case "bext": try addBroadcast(chunk, to: &list)
    case "C2PA": try list.addContentCredentials(offset: chunk.offset, path: "C2PA chunk")
    default: break
    }
  }

  /// The tag in an `id3 ` chunk.
  func tag(of chunk: IFFChunk, limits: Limits) throws(MediaError) -> ID3Tag? {
    guard let header = try ID3Header(at: chunk.data.lowerBound, in: reader),
      header.end <= chunk.data.upperBound
    else { return nil }
    return try ID3Tag(header, in: reader, limits: limits)
  }

  private func addText(
    _ chunk: IFFChunk, _ path: String, to list: inout MetadataList, isRegular: Bool
  ) throws(MediaError) {
    try list.addText(
      .riff, namespace: "RIFF", name: chunk.id, value: try text(of: chunk.data, limit: list.room),
      offset: chunk.offset, path: path, isRegularPlace: isRegular)
  }

  private func addInfo(_ chunk: IFFChunk, isInForm: Bool, to list: inout MetadataList) throws(MediaError) {
    for entry in try chunk.children(reader, order: .little, limits: list.limits) {
      let isRegular = isInForm && (!hasOwnChunk || entry.id.uppercased() != Self.label)
      try list.addText(
        .info, namespace: "INFO", name: entry.id, value: try text(of: entry.data, limit: list.room),
        offset: entry.offset, path: "LIST INFO \(entry.id)", isRegularPlace: isRegular)
    }
  }

  private func text(of range: Range<Int>, limit: Int) throws(MediaError) -> String? {
    guard range.count <= limit else { return nil }
    return TextCoding.text(TextCoding.trimmed(try reader.bytes(range.count, at: range.lowerBound)[...]))
  }

  /// Fields of a `bext` chunk (EBU Tech 3285): name, offset in its data, bytes; the history takes the rest.
  static let broadcastFields: [(name: String, start: Int, length: Int)] = [
    ("Description", 0, 256), ("Originator", 256, 32), ("OriginatorReference", 288, 32),
    ("CodingHistory", 602, .max),
  ]

  private func addBroadcast(_ chunk: IFFChunk, to list: inout MetadataList) throws(MediaError) {
    for field in Self.broadcastFields where field.start < chunk.data.count {
      let start = chunk.data.lowerBound + field.start
      let range = start..<start + min(field.length, chunk.data.upperBound - start)
      let value = try text(of: range, limit: list.room)
      guard value?.isEmpty != true else { continue }
      try list.addText(
        .riff, namespace: "bext", name: field.name, value: value, offset: start, path: "bext \(field.name)",
        isRegularPlace: false)
    }
  }
}
