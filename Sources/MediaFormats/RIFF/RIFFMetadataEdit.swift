internal import MediaCore

/// Takes metadata out of the chunks that WAVE and AVI files share, as edits of the file.
struct RIFFMetadataEdit {
  let reader: HeaderReader
  let limits: Limits
  var edits = ByteEdits()
  private(set) var notes: [String] = []
  /// What is still to be taken away.
  var rest: [MetadataItem]

  init(removing items: [MetadataItem], reader: HeaderReader, limits: Limits) {
    self.reader = reader
    self.limits = limits
    rest = items
  }

  /// Takes out of `chunk` what stands in it. Entries of `LIST INFO` are left to `RIFFInfoEdit`.
  mutating func remove(from chunk: IFFChunk) throws(MediaError) {
    let own = take(in: chunk)
    guard let item = own.first else { return }
    switch chunk.id {
    case "_PMX":
      let packet = try reader.bytes(chunk.data.count, at: chunk.data.lowerBound)
      let left = try XMPPacket.applying(MetadataChanges(remove: own), to: packet, limits: limits)
      try edits.replace(chunk.offset..<chunk.end, with: IFFChunk.riff(chunk.id, left))
    case "id3 ", "ID3 ":
      let metadata = RIFFMetadata(reader: reader, hasOwnChunk: true)
      guard let tag = try metadata.tag(of: chunk, limits: limits) else { throw .unknownSite(item) }
      if Set(own.map(\.offset)).count == tag.frames.count, tag.defect == nil,
        !own.contains(where: { $0.carrier == .xmp })
      {
        try edits.remove(chunk.offset..<chunk.end)
        return
      }
      let edit = ID3Edit(ID3Site(tag: tag, isRegularPlace: false), limits: limits)
      notes += try edit.apply(removing: own, setting: [], isFixed: true, to: &edits)
    case "bext":
      for item in own {
        let start = Int(clamping: item.offset) - chunk.data.lowerBound
        guard let field = RIFFMetadata.broadcastFields.first(where: { $0.start == start }) else {
          throw .unknownSite(item)
        }
        let place = chunk.data.lowerBound + start
        let range = place..<place + min(field.length, chunk.data.upperBound - place)
        try edits.replace(range, with: [UInt8](repeating: 0, count: range.count))
      }
    case "C2PA": throw .signedStore(item.path)
    case "AIGC", "aigc": try edits.remove(chunk.offset..<chunk.end)
    default:
      throw MediaError(
        .unsupported, .metadata,
        "the text of chunk '\(chunk.id)' at offset \(chunk.offset) is not taken apart")
    }
  }

  /// The items of `rest` that stand in `chunk`, which no longer count as rest.
  mutating func take(in chunk: IFFChunk) -> [MetadataItem] {
    let range = UInt64(chunk.offset)..<UInt64(max(chunk.offset, chunk.end))
    let own = rest.filter { range.contains($0.offset) }
    rest.removeAll { range.contains($0.offset) }
    return own
  }

  /// Takes entries out of a `LIST INFO` and sets `properties` in it: in the place of the first entry of the name, or
  /// at the end. A list that is left empty goes.
  mutating func editInfo(_ list: IFFChunk, setting properties: [MetadataProperty]) throws(MediaError) {
    let own = take(in: list)
    guard !own.isEmpty || !properties.isEmpty else { return }
    var offsets = Set(own.map(\.offset))
    var added = properties
    let entries = try list.children(reader, order: .little, limits: limits)
    let before = edits.growth
    var count = 0
    for entry in entries {
      // The padding of a last entry may stand behind the list.
      let end = entry.end == list.data.upperBound ? list.end : entry.end
      let isNamed = offsets.remove(UInt64(entry.offset)) != nil
      if properties.contains(where: { $0.name == entry.id }) {
        let index = added.firstIndex { $0.name == entry.id }
        let bytes = index.map { RIFFMetadataEdit.entry(added.remove(at: $0)) } ?? []
        try edits.replace(entry.offset..<end, with: bytes)
        count += bytes.isEmpty ? 0 : 1
      } else if isNamed {
        try edits.remove(entry.offset..<end)
      } else {
        count += 1
      }
    }
    if let item = own.first(where: { offsets.contains($0.offset) }) { throw .unknownSite(item) }
    if count == 0, added.isEmpty, edits.growth != before {
      // The rest of the list: its head, and what is no entry.
      try removeHead(of: list, entries)
      return
    }
    let length = list.end - list.data.lowerBound
    var bytes = added.flatMap(Self.entry)
    if !bytes.isEmpty, length % 2 == 1 { bytes.insert(0, at: 0) }
    if !bytes.isEmpty { try edits.insert(bytes, at: list.end) }
    try setSize(of: list, to: length + edits.growth - before)
  }

  private mutating func removeHead(of list: IFFChunk, _ entries: [IFFChunk]) throws(MediaError) {
    let start = list.data.lowerBound + min(4, list.data.count)
    try edits.remove(list.offset..<start)
    let last = entries.last.map { $0.end == list.data.upperBound ? list.end : $0.end } ?? start
    if last < list.end { try edits.remove(last..<list.end) }
  }

  /// Corrects the size of a chunk of which the head stays.
  mutating func setSize(of chunk: IFFChunk, to size: Int) throws(MediaError) {
    guard let size = UInt32(exactly: size) else {
      throw MediaError(
        .limitExceeded, .metadata,
        "chunk '\(chunk.id)' would exceed the 4 GiB that its size field can say; convert to RF64, or to Matroska"
      )
    }
    guard UInt64(size) != (try reader.littleEndian(4, at: chunk.offset + 4)) else { return }
    try edits.replace(chunk.offset + 4..<chunk.offset + 8, with: size.littleEndianBytes)
  }

  /// An entry with the zero that ends its text, as readers of INFO expect.
  static func entry(_ property: MetadataProperty) -> [UInt8] {
    IFFChunk.riff(property.name, Array(property.value.utf8) + [0])
  }

  static func requireLetters(_ properties: [MetadataProperty]) throws(MediaError) {
    for property in properties
    where property.name.utf8.count != 4 || !property.name.utf8.allSatisfy({ $0 < 0x7F }) {
      throw MediaError(
        .invalidArgument, .metadata, "'\(property.name)' is no name of a RIFF chunk, which has four letters")
    }
  }
}
