internal import MediaCore

/// What happens to the kept segments of a file; those not named stay byte for byte.
struct JPEGSegmentEdits {
  enum Edit {
    case drop
    /// The whole segment anew, or several in its place.
    case replace([UInt8])
  }

  /// By the segment's offset in the source.
  var edits: [Int: Edit] = [:]
  /// A whole segment to write before the kept segment of this index; the count of kept segments puts it last.
  var insertion: (index: Int, bytes: [UInt8])?
  var notes: [String] = []

  var isEmpty: Bool { edits.isEmpty && insertion == nil }
}

/// Turns changes of metadata into edits of segments.
struct JPEGMetadataEdit {
  private let sites: [JPEGSite]
  private let limits: Limits
  private(set) var result = JPEGSegmentEdits()

  /// Throws `unsupported` for a site that cannot be taken away and `malformed` for a packet that cannot be merged
  /// into without losing some of it.
  init(_ changes: MetadataChanges, of sites: [JPEGSite], limits: Limits) throws(MediaError) {
    self.sites = sites
    self.limits = limits
    var doomed: [UInt64: [MetadataItem]] = [:]
    for item in changes.remove { doomed[item.offset, default: []].append(item) }
    let properties = changes.set + (try editExtended(removing: &doomed))
    var main: Int?
    if !properties.isEmpty { main = try write(properties, removing: &doomed) }
    for site in sites where site.segment.offset != main {
      guard let items = doomed.removeValue(forKey: UInt64(site.segment.offset)) else { continue }
      try remove(items, from: site)
    }
    if let item = doomed.values.first?.first {
      throw MediaError(
        .invalidArgument, .metadata, "no segment at offset \(item.offset) to take '\(item.name)' from")
    }
  }

  /// Merges `properties` into the first standard packet, or puts a new one behind JFIF and Exif headers. Returns the
  /// offset of the segment that was merged into.
  private mutating func write(
    _ properties: [MetadataProperty], removing doomed: inout [UInt64: [MetadataItem]]
  ) throws(MediaError) -> Int? {
    var changes = MetadataChanges(set: properties)
    for site in sites {
      guard case .packet(let packet) = site.content else { continue }
      changes.remove = doomed.removeValue(forKey: UInt64(site.segment.offset)) ?? []
      let merged = try XMPPacket.applying(changes, to: packet, limits: limits)
      let bytes = try JPEGSegment.serialized(.app1, JPEGSite.packetPrefix + merged)
      result.edits[site.segment.offset] = .replace(bytes)
      return site.segment.offset
    }
    let packet = try XMPPacket.applying(changes, to: nil, limits: limits)
    let index = sites.prefix { site in
      switch site.content {
      case .jfif, .exif: true
      default: site.segment.marker == .app0
      }
    }.count
    result.insertion = (index, try JPEGSegment.serialized(.app1, JPEGSite.packetPrefix + packet))
    return nil
  }

  /// Takes what is `doomed` out of extended packets. A packet's digest is its name, so the standard packet has to
  /// refer to it anew; returns what is to be written there.
  private mutating func editExtended(
    removing doomed: inout [UInt64: [MetadataItem]]
  ) throws(MediaError) -> [MetadataProperty] {
    var references: [MetadataProperty] = []
    for packet in JPEGExtendedPackets(sites).packets {
      guard let items = doomed.removeValue(forKey: UInt64(packet.offset)), let bytes = packet.bytes else {
        continue
      }
      let rest = try XMPPacket.applying(MetadataChanges(remove: items), to: bytes, limits: limits)
      let isEmpty = try XMPPacket.items(in: rest, offset: 0, path: "", limits: limits).isEmpty
      let fresh = isEmpty ? nil : try JPEGExtendedXMP(rest)
      for segment in packet.segments { result.edits[segment] = .drop }
      if let fresh { result.edits[packet.offset] = .replace(fresh.segments) }
      if isReferred(packet) { references.append(JPEGExtendedXMP.reference(to: fresh?.guid ?? "")) }
    }
    return references
  }

  /// Whether the packet that `write` merges into refers to `packet`.
  private func isReferred(_ packet: JPEGExtendedPackets.Packet) -> Bool {
    for site in sites {
      guard case .packet = site.content else { continue }
      return JPEGExtendedXMP.isReferred(packet.guid, by: site.items(limits: limits, isFirstPacket: true))
    }
    return false
  }

  private mutating func remove(_ items: [MetadataItem], from site: JPEGSite) throws(MediaError) {
    let offset = site.segment.offset
    let marker = site.segment.marker
    if let glued = site.glued, items.contains(where: { $0.carrier == .segment }) {
      return try cut(glued.range, from: site)
    }
    switch site.content {
    case .packet(let packet):
      let rest = try XMPPacket.applying(MetadataChanges(remove: items), to: packet, limits: limits)
      result.edits[offset] = .replace(try JPEGSegment.serialized(marker, JPEGSite.packetPrefix + rest))
    case .exif(let tiff):
      let blanked = ExifBlock.blanking(items, in: tiff)
      guard blanked != tiff else {
        throw Self.refusal(site, "shares its bytes with the structure of the block")
      }
      result.edits[offset] = .replace(
        try JPEGSegment.serialized(marker, Array("Exif\0\0".utf8) + blanked))
    case .comment: result.edits[offset] = .drop
    case .extended: throw Self.refusal(site, "is part of an extended XMP packet that is not whole")
    case .resourcePacket(let packet, let payload):
      let rest = try XMPPacket.applying(MetadataChanges(remove: items), to: packet, limits: limits)
      let resources = PhotoshopResources.replacingPacket(with: rest, in: payload)
      result.edits[offset] = .replace(try JPEGSegment.serialized(marker, resources))
    case .credentials: throw Self.refusal(site, "is a signed C2PA store")
    default: throw Self.refusal(site, "holds no metadata that is known here")
    }
  }

  /// Takes the glued text out; a segment that held nothing else goes whole.
  private mutating func cut(_ range: Range<Int>, from site: JPEGSite) throws(MediaError) {
    guard let payload = site.payload else { return }
    var rest = payload
    rest.removeSubrange(range)
    let isEmpty = rest.allSatisfy { $0 <= 0x20 }
    result.edits[site.segment.offset] =
      isEmpty ? .drop : .replace(try JPEGSegment.serialized(site.segment.marker, rest))
  }

  private static func refusal(_ site: JPEGSite, _ reason: String) -> MediaError {
    MediaError(
      .unsupported, .metadata,
      "the label in \(site.segment.marker) at offset \(site.segment.offset) \(reason); it is not taken away")
  }
}
