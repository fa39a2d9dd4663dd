internal import MediaCore

/// The texts of an ASF header. None of its places is one that a guide names for the label.
struct ASFMetadata {
  private(set) var items: [MetadataItem] = []
  private let limits: Limits

  init(limits: Limits) { self.limits = limits }

  /// Adds the texts of an object; `cursor` stands at its data.
  mutating func read(_ id: ASFIdentifier, _ cursor: ASFCursor) throws(MediaError) {
    var cursor = cursor
    switch id {
    case .contentDescription: try readDescription(&cursor)
    case .extendedContentDescription: try readExtended(&cursor)
    case .metadata: try readLibrary(&cursor, "Metadata")
    case .metadataLibrary: try readLibrary(&cursor, "Metadata Library")
    default: return
    }
    if cursor.isExhausted {
      throw MediaError(
        .malformed, .metadata, "metadata ends in the middle of a value at offset \(cursor.offset)")
    }
  }

  /// Adds the properties of an XMP object.
  mutating func readPacket(_ bytes: [UInt8], offset: Int) {
    do throws(MediaError) {
      items += try XMPPacket.items(in: bytes, offset: UInt64(offset), path: "XMP", limits: limits)
    } catch {
      items.append(
        MetadataItem(
          carrier: .xmp, namespace: "", name: "", value: error.message, form: .raw, offset: UInt64(offset),
          path: "XMP"))
    }
  }

  private mutating func readDescription(_ cursor: inout ASFCursor) throws(MediaError) {
    let lengths = (0..<5).map { _ in cursor.integer(2) }
    for (name, length) in zip(["Title", "Author", "Copyright", "Description", "Rating"], lengths) {
      let offset = cursor.offset
      let text = cursor.text(length)
      if !text.isEmpty { try add(name, text, offset, "Content Description") }
    }
  }

  private mutating func readExtended(_ cursor: inout ASFCursor) throws(MediaError) {
    for _ in 0..<cursor.integer(2) where !cursor.isExhausted {
      let offset = cursor.offset
      let name = cursor.text(cursor.integer(2))
      let type = cursor.integer(2)
      try add(name, type, cursor.data(cursor.integer(2)), offset, "Extended Content Description")
    }
  }

  private mutating func readLibrary(_ cursor: inout ASFCursor, _ path: String) throws(MediaError) {
    for _ in 0..<cursor.integer(2) where !cursor.isExhausted {
      let offset = cursor.offset
      _ = cursor.data(4)
      let nameLength = cursor.integer(2)
      let type = cursor.integer(2)
      let length = cursor.integer(4)
      let name = cursor.text(nameLength)
      try add(name, type, cursor.data(length), offset, path)
    }
  }

  /// Adds a value of type 0 (UTF-16 text), and bytes under the label's name where they are text.
  private mutating func add(
    _ name: String, _ type: Int, _ value: ArraySlice<UInt8>, _ offset: Int, _ path: String
  ) throws(MediaError) {
    let isLabel = name.lowercased() == "aigc"
    guard type == 0 || isLabel else { return }
    let isRead = value.count <= limits.metadataValueBytes
    let text = type == 0 ? ExifText.utf16(value, isBigEndian: false) : ExifText.plain(value)
    try add(name, isRead ? text : "", offset, path, isRead ? .text : .presence)
  }

  private mutating func add(
    _ name: String, _ value: String, _ offset: Int, _ path: String, _ form: MetadataItem.Form = .text
  ) throws(MediaError) {
    guard items.count < limits.metadataItems else { throw .tooMany("metadata items", limits.metadataItems) }
    items.append(
      MetadataItem(
        carrier: .asf, namespace: path, name: name, value: value, form: form, offset: UInt64(offset),
        path: "\(path) \(name)", isRegularPlace: name.lowercased() != "aigc"))
  }
}

extension MetadataCarrier {
  /// An attribute of an ASF header.
  static let asf = MetadataCarrier(rawValue: "attribute")
}
