internal import MediaCore

/// Changes of comments as edits of the file. What the comments grow by is taken from a PADDING block, so that the
/// frames do not move when there is room; nothing in a file depends on where they stand (a SEEKTABLE counts from the
/// first frame).
struct FLACEdit {
  let structure: FLACStructure
  let reader: HeaderReader
  let limits: Limits
  var edits = ByteEdits()
  private(set) var notes: [String] = []

  init(structure: FLACStructure, reader: HeaderReader, limits: Limits) {
    self.structure = structure
    self.reader = reader
    self.limits = limits
  }

  /// Throws `limitExceeded` when the comments would exceed the 16 MiB of a block.
  mutating func apply(_ changes: MetadataChanges) throws(MediaError) {
    var rest = changes.remove
    for tag in structure.tags {
      let range = UInt64(tag.header.offset)..<UInt64(tag.header.end)
      let own = rest.filter { range.contains($0.offset) }
      rest.removeAll { range.contains($0.offset) }
      guard !own.isEmpty else { continue }
      let edit = ID3Edit(ID3Site(tag: tag, isRegularPlace: false), limits: limits)
      notes += try edit.apply(removing: own, setting: [], to: &edits)
    }
    let blocks = structure.blocks.filter { $0.type == FLACBlock.vorbisComment }
    var growth = 0
    for (index, block) in blocks.enumerated() {
      let range = UInt64(block.dataOffset)..<UInt64(block.end)
      let own = rest.filter { range.contains($0.offset) }
      rest.removeAll { range.contains($0.offset) }
      let properties = index == 0 ? changes.set : []
      guard !own.isEmpty || !properties.isEmpty else { continue }
      growth += try edit(block, removing: own, setting: properties)
    }
    if let item = rest.first { throw .unknownSite(item) }
    if blocks.isEmpty, !changes.set.isEmpty { growth += try insert(changes.set) }
    try pad(by: -growth)
  }

  /// Writes the comments of `block` anew; returns by how much it grew.
  private mutating func edit(
    _ block: FLACBlock, removing removed: [MetadataItem], setting properties: [MetadataProperty]
  ) throws(MediaError) -> Int {
    let comments = try FLACFile.comments(block, reader, limits: limits)
    let positions = Set(removed.compactMap { Int(exactly: $0.offset).map { $0 - block.dataOffset } })
    let known = Set(comments.comments.map(\.lowerBound))
    if let item = removed.first(where: { !known.contains(Int(clamping: $0.offset) - block.dataOffset) }) {
      throw .unknownSite(item)
    }
    let data = comments.serialized(removing: positions, setting: properties) + comments.rest
    try Self.requireFit(data)
    let header = FLACBlock.header(type: block.type, isLast: block.isLast, length: data.count)
    try edits.replace(block.offset..<block.end, with: header + data)
    return data.count - block.length
  }

  /// Puts a new block behind STREAMINFO; returns its bytes.
  private mutating func insert(_ properties: [MetadataProperty]) throws(MediaError) -> Int {
    let first = structure.blocks[0]
    let data = VorbisComments.new(properties)
    try Self.requireFit(data)
    let header = FLACBlock.header(type: FLACBlock.vorbisComment, isLast: first.isLast, length: data.count)
    if first.isLast { try edits.replace(first.offset..<first.offset + 1, with: [first.type]) }
    try edits.insert(header + data, at: first.end)
    return header.count + data.count
  }

  private static func requireFit(_ data: [UInt8]) throws(MediaError) {
    guard data.count <= FLACBlock.largest else {
      throw MediaError(
        .limitExceeded, .metadata, "comments of \(data.count) bytes exceed the 16 MiB of a metadata block")
    }
  }

  /// Makes a PADDING block longer by `count`, or shorter when it has as much; without one the frames move.
  private mutating func pad(by count: Int) throws(MediaError) {
    guard count != 0,
      let block = structure.blocks.first(where: {
        $0.type == FLACBlock.padding && (0...FLACBlock.largest).contains($0.length + count)
      })
    else { return }
    let length = block.length + count
    let header = FLACBlock.header(type: block.type, isLast: block.isLast, length: length)
    try edits.replace(block.offset..<block.dataOffset, with: header)
    if count < 0 {
      try edits.remove(block.dataOffset..<block.dataOffset - count)
    } else {
      try edits.insert([UInt8](repeating: 0, count: count), at: block.dataOffset)
    }
  }
}
