internal import MediaCore

/// All metadata in front of the first scan.
struct JPEGMetadata {
  private(set) var items: [MetadataItem] = []
  private(set) var sites: [JPEGSite] = []
  private(set) var orientation = Orientation.up
  private(set) var hasJFIF = false
  private(set) var adobeTransform: UInt8?

  /// Reads every kept segment. All payloads together are bounded by sixteen times the bound of one value.
  init(_ structure: JPEGStructure, in input: InputFile, limits: Limits) throws(MediaError) {
    var budget = limits.metadataValueBytes > .max / 16 ? Int.max : limits.metadataValueBytes * 16
    var extended = JPEGExtendedPackets()
    var hasPacket = false
    var found: Orientation?
    for segment in structure.segments where segment.marker.isKept {
      budget -= segment.payload.count
      guard budget >= 0 else { break }
      let payload = try input.read(segment.payload.count, at: segment.payload.lowerBound)
      guard payload.count == segment.payload.count else {
        throw MediaError(.io, .decode, "file shrank while \(segment.marker) was read")
      }
      let site = JPEGSite(segment, payload)
      sites.append(site)
      items += site.items(limits: limits, isFirstPacket: !hasPacket)
      switch site.content {
      case .packet: hasPacket = true
      case .extended: extended.add(site)
      case .exif(let tiff): found = found ?? ExifBlock.orientation(in: tiff)
      case .jfif: hasJFIF = true
      case .adobe(let transform): adobeTransform = transform
      default: break
      }
      guard items.count <= limits.metadataItems else {
        throw MediaError(
          .limitExceeded, .metadata, "more than \(limits.metadataItems) metadata items in one file")
      }
    }
    items += extended.items(limits: limits)
    orientation = found ?? .up
  }
}

/// Packets too long for one segment, put together from their parts (XMP specification part 3, 1.1.3.1).
struct JPEGExtendedPackets {
  private struct Packet {
    let guid: [UInt8]
    let length: Int
    let offset: Int
    var parts: [(start: Int, bytes: [UInt8])] = []
  }

  private var packets: [Packet] = []

  mutating func add(_ site: JPEGSite) {
    guard case .extended(let guid, let length, let start, let bytes) = site.content else { return }
    if let index = packets.firstIndex(where: { $0.guid == guid && $0.length == length }) {
      packets[index].parts.append((start, bytes))
    } else {
      packets.append(Packet(guid: guid, length: length, offset: site.segment.offset, parts: [(start, bytes)]))
    }
  }

  func items(limits: Limits) -> [MetadataItem] {
    packets.flatMap { packet -> [MetadataItem] in
      let path = "APP1 extended XMP"
      guard packet.length <= limits.metadataValueBytes, let bytes = Self.joined(packet) else {
        return [
          MetadataItem(
            carrier: .xmp, namespace: "", name: "",
            value: "extended XMP packet of \(packet.length) bytes is incomplete or longer than what is read",
            form: .raw, offset: UInt64(packet.offset), path: path, isRegularPlace: false)
        ]
      }
      return JPEGSite.packetItems(bytes, offset: packet.offset, path: path, isRegular: false, limits: limits)
    }
  }

  /// The parts in order, when they fill the packet without gap or overlap.
  private static func joined(_ packet: Packet) -> [UInt8]? {
    var bytes: [UInt8] = []
    for part in packet.parts.sorted(by: { $0.start < $1.start }) {
      guard part.start == bytes.count else { return nil }
      bytes += part.bytes
    }
    return bytes.count == packet.length ? bytes : nil
  }
}
