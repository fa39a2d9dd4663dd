internal import MediaCore

/// The names of attached files; their data (fonts, pictures of any size) is stepped over.
enum MatroskaAttachments {
  private static let longestName = 4096
  private static let fields = 64

  /// One item a file.
  static func items(
    of attachments: EBMLElement, in reader: HeaderReader, limits: Limits
  ) throws(MediaError) -> [MetadataItem] {
    var items: [MetadataItem] = []
    var left = limits.metadataItems
    var offset = attachments.dataOffset
    while offset < attachments.end {
      left -= 1
      guard left >= 0 else { throw .tooMany("attachments", limits.metadataItems) }
      let file = try child(at: offset, before: attachments.end, in: reader)
      if file.id == .attachedFile, let item = try item(of: file, in: reader) { items.append(item) }
      offset = file.end
    }
    return items
  }

  private static func item(of file: EBMLElement, in reader: HeaderReader) throws(MediaError) -> MetadataItem?
  {
    var offset = file.dataOffset
    for _ in 0..<fields where offset < file.end {
      let field = try child(at: offset, before: file.end, in: reader)
      if field.id == .fileName {
        let bytes = try reader.bytes(min(field.data.count, longestName), at: field.dataOffset)
        return MetadataItem(
          carrier: .element, namespace: "", name: "FileName",
          value: String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self), form: .text,
          offset: UInt64(field.offset), path: "Attachments/AttachedFile/FileName")
      }
      offset = field.end
    }
    return nil
  }

  private static func child(
    at offset: Int, before end: Int, in reader: HeaderReader
  ) throws(MediaError) -> EBMLElement {
    guard let child = try reader.element(at: offset), child.length != nil, child.end <= end else {
      throw MediaError(
        .malformed, .decode, "no whole element at offset \(offset), among attachments (RFC 8794)")
    }
    return child
  }
}
