internal import MediaCore

/// An entry of a SeekHead (RFC 9559, 5.1.1): where a child of the segment stands.
struct MatroskaSeek {
  let id: EBMLID
  /// Counted from the segment's data; nil when it is missing.
  let position: UInt64?
  /// The element of the position, in the SeekHead's buffer.
  let element: EBMLElement?
  /// The whole entry.
  let entry: EBMLElement

  // Some writers list every cluster.
  private static let most = 1 << 17

  /// All entries of a SeekHead.
  static func all(in buffer: EBMLBuffer) throws(MediaError) -> [MatroskaSeek] {
    var entries: [MatroskaSeek] = []
    var cursor = buffer.children(of: buffer.root)
    while let child = try cursor.next() {
      guard child.id == .seek else { continue }
      guard entries.count < most else { throw .tooMany("entries of a SeekHead", most) }
      var id: UInt64?
      var element: EBMLElement?
      var fields = buffer.children(of: child)
      while let field = try fields.next() {
        if field.id == .seekID { id = buffer.unsigned(field) }
        if field.id == .seekPosition { element = field }
      }
      guard let id = id.flatMap({ UInt32(exactly: $0) }) else { continue }
      entries.append(
        MatroskaSeek(
          id: EBMLID(id), position: element.flatMap { buffer.unsigned($0) }, element: element, entry: child))
    }
    return entries
  }

  /// A new entry.
  static func entry(for id: EBMLID, at position: Int) -> [UInt8] {
    EBMLWriting.element(
      .seek, EBMLWriting.element(.seekID, id.bytes) + EBMLWriting.unsigned(.seekPosition, position))
  }
}
