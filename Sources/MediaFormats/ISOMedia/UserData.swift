internal import MediaCore

/// Texts in a `udta` box that stand in boxes of their own.
enum UserData {
  // 3GPP TS 26.244, 8: version and flags, language, text.
  private static let assets: Set<BoxType> = Set(
    ["titl", "dscp", "auth", "perf", "gnre", "cprt", "albm"].map { BoxType($0) })

  /// Whether a box is QuickTime's international text: its type begins with ©.
  static func isInternational(_ type: BoxType) -> Bool { type.rawValue >> 24 == 0xA9 }

  /// What a box says, one item a string; nil for a box of another kind.
  static func items(_ index: Int, of tree: BoxTree, limits: Limits) -> [MetadataItem]? {
    let box = tree.boxes[index]
    let values: [ArraySlice<UInt8>]
    if isInternational(box.type) {
      values = strings(tree.bytes[box.content]).map(\.text)
    } else if assets.contains(box.type), box.content.count > 6 {
      values = [tree.bytes[box.content].dropFirst(6)]
    } else if box.type == .name {
      values = [tree.bytes[box.content]]
    } else {
      return nil
    }
    return values.filter { !$0.isEmpty }.prefix(limits.metadataItems).map { bytes in
      let isShort = bytes.count <= limits.metadataValueBytes
      return MetadataItem(
        carrier: .userData, namespace: "", name: box.type.description,
        value: isShort ? ExifText.plain(bytes) : "",
        form: isShort ? .text : .presence, offset: UInt64(tree.base + box.range.lowerBound),
        path: tree.path(to: index))
    }
  }

  /// The content of a box of international text without the strings that `items` tell.
  static func removing(_ items: [MetadataItem], from content: ArraySlice<UInt8>) -> [UInt8] {
    let doomed = Set(items.map(\.value))
    let all = strings(content)
    let rest = content[(all.last?.record.endIndex ?? content.startIndex)...]
    return all.filter { !doomed.contains(ExifText.plain($0.text)) }.flatMap { Array($0.record) } + rest
  }

  /// The strings, each behind sixteen bits of size and sixteen of language. Some writers put the `data` box of iTunes
  /// here instead.
  private static func strings(
    _ content: ArraySlice<UInt8>
  ) -> [(record: ArraySlice<UInt8>, text: ArraySlice<UInt8>)] {
    if content.count >= 16, content.dropFirst(4).starts(with: BoxType.data.rawValue.bigEndianBytes) {
      return [(content, content.dropFirst(16))]
    }
    var result: [(ArraySlice<UInt8>, ArraySlice<UInt8>)] = []
    var rest = content
    while rest.count >= 4 {
      let size = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
      guard size <= rest.count - 4 else { break }
      let record = rest.prefix(size + 4)
      result.append((record, record.dropFirst(4)))
      rest = rest.dropFirst(size + 4)
    }
    return result
  }
}
