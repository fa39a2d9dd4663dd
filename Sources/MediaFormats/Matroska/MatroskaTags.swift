internal import MediaCore

/// What a Tag is about (RFC 9559, 5.1.8.1.1).
struct MatroskaTargets {
  /// Whether it is the whole file: no UID of a part, and no level above or below the usual one.
  private(set) var isWholeFile = true
  /// For people: `Targets`, `Targets(track)`.
  private(set) var description = "Targets"
  private static let parts: [UInt32: String] = [
    0x63C5: "track", 0x63C9: "edition", 0x63C4: "chapter", 0x63C6: "attachment",
  ]

  /// Reads the Targets of `tag`; a Tag without any is about the whole file.
  init(of tag: EBMLElement, in buffer: EBMLBuffer) throws(MediaError) {
    var cursor = buffer.children(of: tag)
    while let child = try cursor.next() {
      guard child.id == .targets else { continue }
      var fields = buffer.children(of: child)
      while let field = try fields.next() {
        let value = buffer.unsigned(field) ?? 0
        if let part = Self.parts[field.id.rawValue], value != 0 {
          isWholeFile = false
          description = "Targets(\(part))"
        }
        if field.id == .targetTypeValue, value != 50, field.data.count > 0 {
          isWholeFile = false
          description = "Targets(level \(value))"
        }
      }
    }
  }
}

/// A SimpleTag (RFC 9559, 5.1.8.1.2) at its place.
struct MatroskaSimpleTag {
  let element: EBMLElement
  let name: String
  /// The TagString or TagBinary.
  let value: EBMLElement?
  let targets: MatroskaTargets
  /// The names of the SimpleTags that it stands in, outermost first.
  let parents: [String]

  /// Whether it is where the guide puts the label (TC260-PG-20257A): a string of a Tag about the whole file.
  var isRegular: Bool { targets.isWholeFile && parents.isEmpty && value?.id != .tagBinary }

  /// All SimpleTags of a Tag in file order, nested ones behind their parents; at most `limits.metadataItems`.
  static func all(
    of tag: EBMLElement, in buffer: EBMLBuffer, limits: Limits
  ) throws(MediaError) -> [MatroskaSimpleTag] {
    var tags: [MatroskaSimpleTag] = []
    let targets = try MatroskaTargets(of: tag, in: buffer)
    try collect(from: tag, in: buffer, targets: targets, parents: [], limits: limits, into: &tags)
    return tags
  }

  private static func collect(
    from parent: EBMLElement, in buffer: EBMLBuffer, targets: MatroskaTargets, parents: [String],
    limits: Limits,
    into tags: inout [MatroskaSimpleTag]
  ) throws(MediaError) {
    guard parents.count < limits.nesting else {
      throw MediaError(
        .limitExceeded, .metadata,
        "SimpleTags at offset \(buffer.base + parent.offset) nest deeper than the \(limits.nesting) allowed")
    }
    var cursor = buffer.children(of: parent)
    while let child = try cursor.next() {
      guard child.id == .simpleTag else { continue }
      guard tags.count < limits.metadataItems else { throw .tooMany("tags", limits.metadataItems) }
      var name = ""
      var value: EBMLElement?
      var fields = buffer.children(of: child)
      while let field = try fields.next() {
        if field.id == .tagName { name = buffer.shortText(field) }
        if field.id == .tagString || field.id == .tagBinary { value = field }
      }
      tags.append(
        MatroskaSimpleTag(element: child, name: name, value: value, targets: targets, parents: parents))
      try collect(
        from: child, in: buffer, targets: targets, parents: parents + [name], limits: limits, into: &tags)
    }
  }

  /// The tag as metadata. Binary values that are no text are reported as present.
  func item(in buffer: EBMLBuffer, limits: Limits) -> MetadataItem {
    let bytes = value.map { buffer.bytes[$0.data] } ?? []
    let isBinary = value?.id == .tagBinary
    let isRead =
      bytes.count <= limits.metadataValueBytes
      && (!isBinary || String(validating: bytes, as: UTF8.self) != nil)
    let text = isRead ? String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) : ""
    let path = ["Tags/Tag \(targets.description)"] + parents + [name]
    let isLabelCase = name.lowercased() == "aigc" && name != "AIGC"
    return MetadataItem(
      carrier: .simpleTag, namespace: targets.description, name: name, value: text,
      form: isRead ? .text : .presence, offset: UInt64(buffer.base + element.offset),
      path: path.joined(separator: "/") + (isBinary ? " TagBinary" : ""),
      isRegularPlace: isRegular && !isLabelCase)
  }
}

extension EBMLBuffer {
  /// The text of a name, cut where no honest name is as long, so that nested paths cannot multiply it.
  func shortText(_ element: EBMLElement) -> String {
    String(decoding: bytes[element.data].prefix(256).prefix { $0 != 0 }, as: UTF8.self)
  }
}

extension MetadataCarrier {
  /// A SimpleTag of Matroska.
  static let simpleTag = MetadataCarrier(rawValue: "simpletag")
  /// A text element of Matroska outside of its tags.
  static let element = MetadataCarrier(rawValue: "element")
}
