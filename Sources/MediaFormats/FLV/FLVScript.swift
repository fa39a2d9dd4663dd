internal import MediaCore

/// A script tag taken apart: a name and, mostly, an array of properties.
struct FLVScript {
  /// The name of the tag that describes the file.
  static let description = "onMetaData"

  let tag: FLVTag
  let name: String
  let reader: AMFReader
  /// The object or array; nil when the tag holds anything else.
  let object: AMFValue?
  let properties: AMFProperties

  /// Whether it can take properties of the file, where readers look for them.
  var isDescription: Bool { name == Self.description && object != nil && !isCommand }
  // Recorders of live streams keep the command that carried the data; most readers do not know it.
  private let isCommand: Bool

  /// Reads a tag; throws `malformed` for data that cannot be taken apart.
  init(_ tag: FLVTag, in input: HeaderReader, budget: inout Int, limits: Limits) throws(MediaError) {
    guard tag.length <= budget else {
      throw MediaError(
        .limitExceeded, .metadata,
        "script tag of \(tag.length) bytes exceeds the \(budget) allowed for indexes")
    }
    budget -= tag.length
    let reader = AMFReader(bytes: try input.bytes(tag.length, at: tag.dataOffset), limits: limits)
    var value = try reader.value(at: 0)
    isCommand = reader.text(value) == "@setDataFrame"
    if isCommand { value = try reader.value(at: value.range.upperBound) }
    name = reader.text(value) ?? ""
    let next = value.range.upperBound
    var content: AMFValue?
    do throws(MediaError) {
      if next < tag.length { content = try reader.value(at: next) }
    } catch {
      // Cues and captions in codings of their own say nothing about the file.
      if name == Self.description { throw error }
    }
    object = content.flatMap { $0.hasProperties ? $0 : nil }
    properties =
      try object.map { (object) throws(MediaError) in try reader.properties(of: object) }
      ?? AMFProperties(end: next)
    self.tag = tag
    self.reader = reader
  }

  /// The number called `name`.
  func number(_ name: String) -> Double? {
    properties.all.first { $0.name == name }.flatMap { reader.number($0.value) }
  }

  /// What it says: texts, XMP, and the label in whatever coding. `isFirst` tells the tag that is the regular place.
  func items(isFirst: Bool, limits: Limits) throws(MediaError) -> [MetadataItem] {
    var items: [MetadataItem] = []
    for property in properties.all {
      let offset = UInt64(tag.dataOffset + property.offset)
      let path = "\(name) \(property.name)"
      let isLong = property.value.range.count > limits.metadataValueBytes
      if property.isPacket, !isLong {
        items += packet(property, offset: offset, path: path, limits: limits)
        continue
      }
      let isLabel = property.name.lowercased() == "aigc"
      guard isLabel || reader.text(property.value) != nil else { continue }
      var text = isLong ? "" : reader.text(property.value) ?? ""
      if !isLong, reader.text(property.value) == nil { text = try reader.json(property.value).text }
      items.append(
        MetadataItem(
          carrier: .script, namespace: name, name: property.name, value: text,
          form: isLong ? .presence : .text,
          offset: offset, path: path + (property.value.hasProperties ? " (object)" : ""),
          isRegularPlace: isFirst && (!isLabel || property.name == "AIGC" && !property.value.hasProperties)))
    }
    return items
  }

  private func packet(
    _ property: AMFProperty, offset: UInt64, path: String, limits: Limits
  ) -> [MetadataItem] {
    do throws(MediaError) {
      let bytes = Array((reader.text(property.value) ?? "").utf8)
      return try XMPPacket.items(in: bytes, offset: offset, path: path, limits: limits)
    } catch {
      return [
        MetadataItem(
          carrier: .xmp, namespace: "", name: "", value: error.message, form: .raw, offset: offset, path: path
        )
      ]
    }
  }
}

extension AMFProperty {
  /// Whether it is the XMP packet of an `onXMPData` tag (XMP part 3).
  var isPacket: Bool { name == "liveXML" }
}

extension MetadataCarrier {
  /// A property of an FLV script tag.
  static let script = MetadataCarrier(rawValue: "script")
}
