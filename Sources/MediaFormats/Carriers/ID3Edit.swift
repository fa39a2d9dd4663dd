internal import MediaCore

/// Changes of one tag as edits of the file. Frames that are not named stay byte for byte; what the tag grows by is
/// taken from its padding, so that the audio does not move when there is room.
struct ID3Edit {
  let site: ID3Site
  let limits: Limits
  private var tag: ID3Tag { site.tag }

  init(_ site: ID3Site, limits: Limits) {
    self.site = site
    self.limits = limits
  }

  /// Adds to `edits` what takes `removed` away and sets `properties`; returns notes for people. With `isFixed` the
  /// tag keeps its length. A tag of which no frame is left goes, unless it is fixed.
  func apply(
    removing removed: [MetadataItem], setting properties: [MetadataProperty], isFixed: Bool = false,
    to edits: inout ByteEdits
  ) throws(MediaError) -> [String] {
    try requireEditable()
    var replacements = try self.replacements(for: removed)
    let added = try set(properties, &replacements)
    guard !replacements.isEmpty || !added.isEmpty else { return [] }
    let leavesFrames = tag.frames.count > replacements.values.count(where: \.isEmpty) || !added.isEmpty
    if !leavesFrames, !isFixed {
      try edits.remove(tag.header.offset..<tag.header.end)
      return []
    }
    var growth = added.count
    for (index, bytes) in replacements {
      try edits.replace(tag.frames[index].range, with: bytes)
      growth += bytes.count - tag.frames[index].range.count
    }
    growth -= tag.extended.count
    if !tag.extended.isEmpty { try edits.remove(tag.extended) }
    if !added.isEmpty { try edits.insert(added, at: tag.framesEnd) }
    try resize(by: growth, isFixed: isFixed, &edits)
    return tag.extended.isEmpty
      ? [] : ["the extended header of the \(tag.header.name) tag was dropped, its check sum no longer holds"]
  }

  private func requireEditable() throws(MediaError) {
    if let defect = tag.defect {
      throw MediaError(
        .malformed, .metadata,
        "\(tag.header.name) tag at offset \(tag.header.offset) cannot be edited without loss: \(defect)")
    }
    let flags = tag.header.hasExtendedHeader && tag.header.version == 4 ? try tag.body.bytes(5..<6) : [0]
    if flags[0] & 0x40 != 0 {
      throw MediaError(
        .unsupported, .metadata,
        "\(tag.header.name) tag at offset \(tag.header.offset) is an update of an earlier tag (3.2 b)")
    }
  }

  /// By index of a frame what to put in its place.
  private func replacements(for removed: [MetadataItem]) throws(MediaError) -> [Int: [UInt8]] {
    var doomed: [UInt64: [MetadataItem]] = [:]
    for item in removed { doomed[item.offset, default: []].append(item) }
    var result: [Int: [UInt8]] = [:]
    for (index, frame) in tag.frames.enumerated() {
      guard let items = doomed.removeValue(forKey: UInt64(frame.range.lowerBound)) else { continue }
      if let item = items.first(where: { $0.carrier == .box }) { throw .signedStore(item.path) }
      result[index] = items.contains { $0.carrier == .xmp } ? try packet(without: items, in: frame) : []
    }
    if let item = doomed.values.first?.first { throw .unknownSite(item) }
    return result
  }

  private func packet(without items: [MetadataItem], in frame: ID3Frame) throws(MediaError) -> [UInt8] {
    guard let content = try frame.bytes(of: tag.body, limit: limits.metadataValueBytes) else {
      throw MediaError(.limitExceeded, .metadata, "\(items[0].path) is too long to be edited without loss")
    }
    let packet = try XMPPacket.applying(
      MetadataChanges(remove: items), to: Array(content.dropFirst(ID3Site.packetOwner.count)), limits: limits)
    return try ID3Frame.serialized(
      frame.id, ID3Site.packetOwner + packet, version: tag.header.version,
      isUnsynchronised: tag.header.isUnsynchronised)
  }

  /// Puts each property in the place of the first frame of its name, of which there may be one only (4.2.6); returns
  /// the frames that are new.
  private func set(
    _ properties: [MetadataProperty], _ replacements: inout [Int: [UInt8]]
  ) throws(MediaError) -> [UInt8] {
    var added: [UInt8] = []
    for property in properties {
      let version = tag.header.version
      var bytes = try ID3Frame.serialized(
        site.userTextID, ID3Text.userText(property.name, property.value, version: version), version: version,
        isUnsynchronised: tag.header.isUnsynchronised)
      for (index, frame) in tag.frames.enumerated()
      where try site.isUserText(frame, named: property.name, limit: limits.metadataValueBytes) {
        replacements[index] = bytes
        bytes = []
      }
      added += bytes
    }
    return added
  }

  private func resize(by growth: Int, isFixed: Bool, _ edits: inout ByteEdits) throws(MediaError) {
    let header = tag.header
    var size = header.size
    if growth <= tag.padding, !header.hasFooter {
      if growth > 0 {
        try edits.remove(tag.framesEnd..<tag.framesEnd + growth)
      } else if growth < 0 {
        try edits.insert([UInt8](repeating: 0, count: -growth), at: tag.framesEnd)
      }
    } else {
      guard !isFixed else {
        throw MediaError(
          .unsupported, .metadata, "the \(header.name) tag has no room to be edited in its place")
      }
      size += growth
      // ExifTool mistakes the last frame of version 4 for damaged when less than a frame header follows.
      if header.version == 4, !header.hasFooter, tag.padding < ID3Header.length {
        let missing = ID3Header.length - tag.padding
        try edits.insert([UInt8](repeating: 0, count: missing), at: tag.framesEnd)
        size += missing
      }
    }
    guard size <= ID3Size.largest else {
      throw MediaError(.limitExceeded, .metadata, "the tag would exceed the 256 MiB of ID3v2")
    }
    let flags = header.flags & ~(header.version == 2 ? 0 : 0x40)
    guard size != header.size || flags != header.flags else { return }
    try edits.replace(header.offset..<header.bodyOffset, with: header.bytes(size: size, flags: flags))
    guard header.hasFooter else { return }
    let footer = header.bytes(mark: "3DI", size: size, flags: flags)
    try edits.replace(header.end - ID3Header.length..<header.end, with: footer)
  }

  /// A tag with nothing but `properties`: version 3, which more players read than 4, without padding.
  static func newTag(_ properties: [MetadataProperty]) throws(MediaError) -> [UInt8] {
    var frames: [UInt8] = []
    for property in properties {
      frames += try ID3Frame.serialized(
        "TXXX", ID3Text.userText(property.name, property.value, version: 3), version: 3,
        isUnsynchronised: false)
    }
    guard frames.count <= ID3Size.largest else {
      throw MediaError(.limitExceeded, .metadata, "the tag would exceed the 256 MiB of ID3v2")
    }
    return Array("ID3".utf8) + [3, 0, 0] + ID3Size.bytes(frames.count) + frames
  }
}
