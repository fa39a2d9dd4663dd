internal import MediaCore

/// The list of items of a `meta` box: with a `keys` box QuickTime metadata, whose items are numbered by key, without
/// one iTunes tags, whose items are named by type.
struct ItemList {
  /// A key: four bytes of namespace and a name.
  struct Key {
    let namespace: BoxType
    let name: String
    /// Where it stands in the tree, from its size on.
    let range: Range<Int>
  }

  /// Far more than a list has; what a lying count may take of memory.
  private static let mostKeys: UInt64 = 1 << 16

  let tree: BoxTree
  /// Index of the `meta` box.
  let meta: Int
  /// Index of the `ilst` box.
  let list: Int?
  /// Index of the `keys` box.
  let keysBox: Int?
  /// The handler: `mdta`, `mdir`.
  let handler: BoxType?
  /// The keys in their order.
  let keys: [Key]

  init(_ meta: Int, of tree: BoxTree) {
    self.tree = tree
    self.meta = meta
    list = tree.child(.ilst, of: meta)
    keysBox = tree.child(.keys, of: meta)
    handler = tree.handler(of: meta)
    keys = keysBox.map { Self.keys($0, of: tree) } ?? []
  }

  /// Whether it is of the kind that `keys` belongs to, so that another key can be added.
  var isKeyed: Bool { handler == .mdta && (keysBox != nil || list == nil) }
  /// Whether the box has no version and flags, the form of QuickTime.
  var isBare: Bool {
    let box = tree.boxes[meta]
    return box.content.lowerBound - box.range.lowerBound == 8
  }
  /// Its items.
  var items: [Int] { list.map { tree.children(of: $0) } ?? [] }
  /// The `data` boxes of an item.
  func values(of item: Int) -> [Int] { tree.children(of: item).filter { tree.boxes[$0].type == .data } }
  /// The key that an item's number means; nil where it has none.
  func key(of item: Int) -> Key? {
    let number = Int(tree.boxes[item].type.rawValue)
    return number >= 1 && number <= keys.count ? keys[number - 1] : nil
  }

  private static func keys(_ box: Int, of tree: BoxTree) -> [Key] {
    let content = tree.boxes[box].content
    var keys: [Key] = []
    guard let count = tree.number(4, at: content.lowerBound + 4, in: box) else { return [] }
    var offset = content.lowerBound + 8
    while UInt64(keys.count) < min(count, mostKeys),
      let size = tree.number(4, at: offset, in: box).map({ Int($0) })
    {
      guard size >= 8, size <= content.upperBound - offset else { break }
      let namespace = BoxType(rawValue: UInt32(truncatingIfNeeded: tree.bytes.bigEndian(4, at: offset + 4)))
      let name = ExifText.plain(tree.bytes[offset + 8..<min(offset + size, offset + 1032)])
      keys.append(Key(namespace: namespace, name: name, range: offset..<offset + size))
      offset += size
    }
    return keys
  }
}

// Reading.
extension ItemList {
  /// The texts of the list with their places. `isHome` tells whether a label belongs in it.
  func sites(isHome: Bool, limits: Limits) throws(MediaError) -> [(ISOSite.Place, MetadataItem)] {
    guard let list else { return [] }
    var result: [(ISOSite.Place, MetadataItem)] = []
    for item in items {
      let (namespace, name, label) = naming(of: item)
      for data in values(of: item) {
        guard let (value, type) = text(of: data, named: name, limits: limits) else { continue }
        let isLabel = name.lowercased() == "aigc"
        guard result.count <= limits.metadataItems else {
          throw MediaError(
            .limitExceeded, .metadata, "more than \(limits.metadataItems) metadata items in one list")
        }
        result.append(
          (
            .value(data: data, item: item, list: list),
            MetadataItem(
              carrier: .itemList, namespace: namespace, name: name, value: value ?? "",
              form: value == nil ? .presence : .text,
              offset: UInt64(tree.base + tree.boxes[data].range.lowerBound),
              path: "\(tree.path(to: meta)) \(label)",
              isRegularPlace: !isLabel || (isHome && type == 1 && key(of: item)?.namespace == .mdta))
          ))
      }
    }
    return result
  }

  /// Namespace, name and the words for the path of an item.
  private func naming(of item: Int) -> (namespace: String, name: String, label: String) {
    let type = tree.boxes[item].type
    if let key = key(of: item) { return (key.namespace.description, key.name, "keys \(key.name)") }
    if type == .freeform {
      let (mean, name) = (string(.mean, of: item), string(.name, of: item))
      return (mean, name, "ilst ----:\(mean):\(name)")
    }
    // A number without a key is no name.
    if type.rawValue >> 24 == 0 { return ("", "", "ilst item \(type.rawValue)") }
    return (handler?.description ?? "", type.description, "ilst \(type)")
  }

  private func string(_ type: BoxType, of item: Int) -> String {
    guard let box = tree.child(type, of: item) else { return "" }
    return ExifText.plain(tree.bytes[tree.boxes[box].content].dropFirst(4).prefix(1024))
  }

  /// The text of a `data` box and its type; the text is nil where it is too long, all is nil for what is no text.
  private func text(of data: Int, named name: String, limits: Limits) -> (String?, UInt64)? {
    let content = tree.boxes[data].content
    guard let type = tree.number(4, at: content.lowerBound, in: data), content.count >= 8 else { return nil }
    let bytes = tree.bytes[content].dropFirst(8)
    let isLabel = name.lowercased() == "aigc"
    guard isLabel || [0, 1, 2, 4, 5].contains(type) else { return nil }
    guard bytes.count <= limits.metadataValueBytes else { return type == 0 && !isLabel ? nil : (nil, type) }
    if type == 2 || type == 5 { return (ExifText.utf16(bytes, isBigEndian: true), type) }
    if type == 0, !isLabel {
      // Without a type the item's own definition tells the coding: what reads as text is one.
      guard let text = String(validating: bytes, as: UTF8.self),
        text.utf8.allSatisfy({ $0 >= 0x20 || $0 == 0x0A }),
        !text.isEmpty
      else { return nil }
      return (text, type)
    }
    return (ExifText.plain(bytes), type)
  }
}
