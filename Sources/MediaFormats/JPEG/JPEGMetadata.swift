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
    items += JPEGExtendedPackets(sites).items(limits: limits)
    orientation = found ?? .up
  }
}
