internal import MediaCore

/// What happens to the chunks of a file when it is rewritten; chunks not named stay byte for byte.
struct PNGChunkEdits {
  enum Edit {
    case drop
    /// The whole chunk anew, with length and CRC.
    case replace([UInt8])
  }

  /// By index in `PNGStructure.chunks`.
  var edits: [Int: Edit] = [:]
  /// Whole chunks to write directly behind IHDR.
  var insertions: [[UInt8]] = []
  var notes: [String] = []
}

/// Turns changes of metadata into edits of chunks.
struct PNGMetadataEdit {
  let structure: PNGStructure
  let input: InputFile
  let limits: Limits
  private(set) var result = PNGChunkEdits()

  /// Throws `unsupported` for a site that cannot be taken away and `malformed` for a packet that cannot be merged
  /// into without losing some of it.
  static func edits(
    for changes: MetadataChanges, of structure: PNGStructure, in input: InputFile, limits: Limits
  ) throws(MediaError) -> PNGChunkEdits {
    var edit = PNGMetadataEdit(structure: structure, input: input, limits: limits)
    try edit.apply(changes)
    return edit.result
  }

  private init(structure: PNGStructure, input: InputFile, limits: Limits) {
    self.structure = structure
    self.input = input
    self.limits = limits
  }

  private mutating func apply(_ changes: MetadataChanges) throws(MediaError) {
    var doomed: [UInt64: [MetadataItem]] = [:]
    for item in changes.remove { doomed[item.offset, default: []].append(item) }
    var main: Int?
    if !changes.set.isEmpty {
      main = try packetIndex()
      try writePacket(changes.set, removing: &doomed, into: main)
    }
    for index in structure.chunks.indices where index != main {
      let offset = UInt64(structure.chunks[index].offset)
      guard let items = doomed.removeValue(forKey: offset) else { continue }
      guard let site = try PNGSite(index, of: structure, in: input, limit: limits.metadataValueBytes) else {
        throw Self.unknownSite(items)
      }
      try remove(items, from: site, at: index)
    }
    if let items = doomed.values.first { throw Self.unknownSite(items) }
  }

  /// The chunk whose packet takes new properties: the first in the regular place, else the first of any.
  private func packetIndex() throws(MediaError) -> Int? {
    var fallback: Int?
    for index in structure.chunks.indices {
      guard let site = try PNGSite(index, of: structure, in: input, limit: limits.metadataValueBytes),
        case .packet = site.content
      else { continue }
      if site.isRegularPacket { return index }
      fallback = fallback ?? index
    }
    return fallback
  }

  /// Merges `properties` into the packet of chunk `index` (nil makes a new packet) and puts it in the regular
  /// place: where it stood, or directly behind IHDR when it stood behind the image data.
  private mutating func writePacket(
    _ properties: [MetadataProperty], removing doomed: inout [UInt64: [MetadataItem]], into index: Int?
  ) throws(MediaError) {
    var changes = MetadataChanges(set: properties)
    guard let index,
      let site = try PNGSite(index, of: structure, in: input, limit: limits.metadataValueBytes),
      case .packet(var text) = site.content
    else {
      let packet = try XMPPacket.applying(changes, to: nil, limits: limits)
      result.insertions.append(try Self.chunk(PNGTextChunk(packet: packet)))
      return
    }
    changes.remove = doomed.removeValue(forKey: UInt64(site.chunk.offset)) ?? []
    try Self.requireWhole(text, site)
    let packet = try XMPPacket.applying(changes, to: text.text, limits: limits)
    if site.isRegularPacket {
      text.text = packet
      result.edits[index] = .replace(try Self.chunk(text))
      return
    }
    let new = try Self.chunk(PNGTextChunk(packet: packet))
    if site.isBeforeImage {
      result.edits[index] = .replace(new)
    } else {
      result.edits[index] = .drop
      result.insertions.append(new)
    }
    result.notes.append("XMP moved to a plain iTXt chunk before the image data, where readers look for it")
  }

  private mutating func remove(
    _ items: [MetadataItem], from site: PNGSite, at index: Int
  ) throws(MediaError) {
    switch site.content {
    case .packet(var text):
      try Self.requireWhole(text, site)
      text.text = try XMPPacket.applying(MetadataChanges(remove: items), to: text.text, limits: limits)
      result.edits[index] = .replace(try Self.chunk(text))
    case .rawProfile(var text, var profile):
      profile.payload =
        switch profile.content {
        case .exif: ExifBlock.blanking(items, in: profile.payload)
        case .packet:
          try XMPPacket.applying(MetadataChanges(remove: items), to: profile.payload, limits: limits)
        }
      text.text = profile.text
      result.edits[index] = .replace(try Self.chunk(text))
    case .text:
      result.edits[index] = .drop
    case .exif(let prefix, let tiff):
      let isWhole = site.chunk.length == prefix.count + tiff.count
      guard isWhole else { throw Self.tooLong(site.chunk) }
      result.edits[index] = .replace(
        PNGChunk.serialized(.exif, prefix + ExifBlock.blanking(items, in: tiff)))
    case .credentials:
      throw MediaError(
        .unsupported, .metadata, "chunk 'caBX' holds a signed C2PA store, which is not taken apart")
    }
  }

  private static func chunk(_ text: PNGTextChunk) throws(MediaError) -> [UInt8] {
    PNGChunk.serialized(text.type, try text.serialized())
  }

  private static func requireWhole(_ text: PNGTextChunk, _ site: PNGSite) throws(MediaError) {
    if !text.isWhole { throw tooLong(site.chunk) }
  }

  private static func tooLong(_ chunk: PNGChunk) -> MediaError {
    MediaError(
      .limitExceeded, .metadata,
      "chunk '\(chunk.type)' at offset \(chunk.offset) is damaged or too long to be edited without loss")
  }

  private static func unknownSite(_ items: [MetadataItem]) -> MediaError {
    let item = items.first
    return MediaError(
      .invalidArgument, .metadata,
      "no chunk with metadata at offset \(item?.offset ?? 0) to take '\(item?.name ?? "")' from")
  }
}
