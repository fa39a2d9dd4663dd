internal import MediaCore

/// The metadata of one file while it is collected. All values together are bounded by sixteen times the bound of one:
/// beyond that, sites are reported with an empty value.
struct MetadataList {
  private(set) var items: [MetadataItem] = []
  let limits: Limits
  private var budget: Int

  init(limits: Limits) {
    self.limits = limits
    budget = limits.metadataValueBytes > .max / 16 ? .max : limits.metadataValueBytes * 16
  }

  /// Most bytes that the next value may have.
  var room: Int { max(0, min(limits.metadataValueBytes, budget)) }

  /// Adds `item`. Throws `limitExceeded` for too many.
  mutating func add(_ item: MetadataItem) throws(MediaError) {
    guard items.count < limits.metadataItems else {
      throw MediaError(
        .limitExceeded, .metadata, "more than \(limits.metadataItems) metadata items in one file")
    }
    budget -= item.value.utf8.count
    items.append(item)
  }

  /// Adds a text field; a nil `value`, one that is too long or cannot be read, is reported for being there.
  mutating func addText(
    _ carrier: MetadataCarrier, namespace: String, name: String, value: String?, offset: Int, path: String,
    isRegularPlace: Bool = true
  ) throws(MediaError) {
    let isRead = value.map { $0.utf8.count <= room } ?? false
    try add(
      MetadataItem(
        carrier: carrier, namespace: namespace, name: name, value: isRead ? value ?? "" : "",
        form: isRead ? .text : .presence, offset: UInt64(offset), path: path, isRegularPlace: isRegularPlace))
  }

  /// Adds the properties of an XMP packet, or what is wrong with it.
  mutating func addPacket(
    _ packet: [UInt8], offset: Int, path: String, isRegularPlace: Bool = true
  ) throws(MediaError) {
    let found: [MetadataItem]
    do throws(MediaError) {
      found = try XMPPacket.items(
        in: packet, offset: UInt64(offset), path: path, isRegularPlace: isRegularPlace, limits: limits)
    } catch {
      found = [
        MetadataItem(
          carrier: .xmp, namespace: "", name: "", value: error.message, form: .raw, offset: UInt64(offset),
          path: path, isRegularPlace: isRegularPlace)
      ]
    }
    for item in found { try add(item) }
  }

  /// Adds a C2PA store, which is reported for being there.
  mutating func addContentCredentials(offset: Int, path: String) throws(MediaError) {
    try add(
      MetadataItem(
        carrier: .box, namespace: "", name: "c2pa", value: "", form: .presence, offset: UInt64(offset),
        path: path))
  }
}
