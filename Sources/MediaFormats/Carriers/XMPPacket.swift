internal import MediaCore

/// An XMP packet (ISO 16684-1): RDF properties in XML, carried by JPEG APP1, PNG iTXt and others.
enum XMPPacket {
  /// The properties of a packet, one item each. `offset` and `path` tell the carrier's place in the file. A packet
  /// that is not well-formed yields what can be recovered and one item of form `raw` with an empty name that says
  /// what is wrong. Structures and arrays are flattened: a field bears its own name, an array item its array's.
  /// Throws `malformed` for a document type declaration and `limitExceeded`.
  static func items(
    in packet: [UInt8], offset: UInt64, path: String, isRegularPlace: Bool = true, limits: Limits
  ) throws(MediaError) -> [MetadataItem] {
    let text = try XMPText(packet, limits: limits)
    let tree = try XMLTree(parsing: text.bytes, limits: limits)
    let properties = try XMPProperties(of: tree.root, limits: limits)
    var items = properties.all.map { property in
      MetadataItem(
        carrier: .xmp, namespace: property.name.namespace, name: property.name.local, value: property.value,
        form: property.form, offset: offset, path: "\(path) \(property.path)", prefix: property.name.prefix,
        isRegularPlace: isRegularPlace)
    }
    let noRDF = properties.descriptions.isEmpty && properties.container == nil ? "no rdf:RDF element" : nil
    if let defect = tree.defect ?? text.defect ?? noRDF {
      items.append(
        MetadataItem(
          carrier: .xmp, namespace: "", name: "", value: defect, form: .raw, offset: offset, path: path,
          isRegularPlace: isRegularPlace))
    }
    return items
  }

  /// `packet` (nil or blank makes a new one) with `changes` merged property by property; everything else is kept:
  /// other properties, comments, unknown namespaces, the wrapper's attributes. Padding is dropped, the result is
  /// UTF-8 without XML declaration, and a packet that already says all that is asked for is returned as it is.
  /// An empty value takes the property away. Throws `malformed` when the packet cannot be parsed, so that nothing
  /// of it is lost, and `invalidArgument` for a name or value that XML cannot hold.
  static func applying(
    _ changes: MetadataChanges, to packet: [UInt8]?, limits: Limits
  ) throws(MediaError) -> [UInt8] {
    let properties = try XMPWriting.checked(changes.set)
    guard let packet else { return XMPWriting.packet(properties) }
    let text = try XMPText(packet, limits: limits)
    if text.isBlank { return XMPWriting.packet(properties) }
    let tree = try XMLTree(parsing: text.bytes, limits: limits)
    if let defect = tree.defect ?? text.defect {
      throw MediaError(
        .malformed, .metadata, "XMP packet is \(defect); repair or remove it, a merge could lose some of it")
    }
    var merge = try XMPMerge(tree, limits: limits)
    merge.remove(changes.remove, except: properties)
    try merge.set(properties)
    guard merge.hasChanged else { return packet }
    return try tree.serialized(separator: text.breaksLines ? "\n" : "")
  }
}
