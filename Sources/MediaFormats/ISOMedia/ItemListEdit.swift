internal import MediaCore

/// A list of items with some taken out and some set; what is not named keeps its bytes, but for the numbers of items
/// whose keys move up.
struct ItemListEdit {
  private let list: ItemList
  /// The keys as stored.
  private var keys: [[UInt8]]
  /// The items that remain: as stored, with the place among `keys` for those that have one.
  private var items: [(key: Int?, bytes: [UInt8])] = []
  private var doomedKeys: Set<Int> = []

  /// The list without the `data` boxes `doomed`, and with `properties`.
  init(_ list: ItemList, removing doomed: Set<Int>, setting properties: [MetadataProperty]) {
    self.list = list
    let bytes = list.tree.bytes
    keys = list.keys.map { Array(bytes[$0.range]) }
    for item in list.items { keep(item, without: doomed) }
    for property in properties { set(property) }
    dropKeys()
  }

  private mutating func keep(_ item: Int, without doomed: Set<Int>) {
    let tree = list.tree
    let key = list.key(of: item).map { _ in Int(tree.boxes[item].type.rawValue) - 1 }
    let values = list.values(of: item)
    let left = values.filter { !doomed.contains($0) }
    if left.count == values.count {
      items.append((key, Array(tree.bytes[tree.boxes[item].range])))
    } else if left.isEmpty {
      if let key { doomedKeys.insert(key) }
    } else {
      let kept = tree.children(of: item).filter { !doomed.contains($0) }
      let content = kept.flatMap { tree.bytes[tree.boxes[$0].range] }
      items.append((key, tree.boxes[item].type.box(content)))
    }
  }

  private mutating func set(_ property: MetadataProperty) {
    let name = ItemList.key(property.name)
    let places = keys.indices.filter { keys[$0] == name }
    guard let place = places.first else {
      keys.append(name)
      items.append((keys.count - 1, ItemList.item(0, property.value)))
      return
    }
    let mine = items.indices.filter { items[$0].key.map(places.contains) ?? false }
    let bytes = ItemList.item(0, property.value)
    if let first = mine.first { items[first].bytes = bytes } else { items.append((place, bytes)) }
    for index in mine.dropFirst().reversed() {
      if let key = items[index].key { doomedKeys.insert(key) }
      items.remove(at: index)
    }
  }

  /// Takes out the keys whose items have gone and numbers the items anew.
  private mutating func dropKeys() {
    let used = Set(items.compactMap(\.key))
    var places: [Int: Int] = [:]
    var kept: [[UInt8]] = []
    for (index, key) in keys.enumerated() where used.contains(index) || !doomedKeys.contains(index) {
      kept.append(key)
      places[index] = kept.count
    }
    keys = kept
    for index in items.indices {
      guard let place = items[index].key.flatMap({ places[$0] }) else { continue }
      items[index].bytes.replaceSubrange(4..<8, with: UInt32(truncatingIfNeeded: place).bigEndianBytes)
    }
  }

  /// Writes the list into `patch`. A list of keys that has become empty goes with its `meta`, and with a `udta` that
  /// held nothing else.
  func apply(to patch: inout BoxPatch) throws(MediaError) {
    let tree = list.tree
    if let stray = items.first(where: { list.keysBox != nil && $0.key == nil && $0.bytes[4] == 0 }) {
      // With keys added or gone it could come to mean one of them.
      throw MediaError(
        .malformed, .metadata,
        "item \(stray.bytes.bigEndian(4, at: 4)) of \(tree.path(to: list.meta)) has none of its \(list.keys.count) keys"
      )
    }
    if keys.isEmpty, items.isEmpty, list.handler == .mdta, isPlain, let parent = tree.boxes[list.meta].parent
    {
      let udta = tree.boxes[parent]
      let isAlone = udta.type == .udta && tree.boxes[list.meta].range == udta.content && udta.parent != nil
      return try patch.remove(isAlone ? parent : list.meta)
    }
    if let box = list.keysBox {
      // What stands behind the last key stays.
      let end =
        list.keys.last?.range.upperBound
        ?? min(tree.boxes[box].content.lowerBound + 8, tree.boxes[box].range.upperBound)
      let rest = tree.bytes[end..<tree.boxes[box].range.upperBound]
      let new = ItemList.keysBox(keys + [Array(rest)])
      try replace(tree.boxes[box], with: Self.counted(new, keys.count), in: &patch)
    } else if !keys.isEmpty {
      try patch.append(ItemList.keysBox(keys), to: list.meta)
    }
    let content = Array(items.map(\.bytes).joined())
    if let box = list.list {
      let old = tree.boxes[box]
      let rest = tree.bytes[old.content.lowerBound + old.filled..<old.range.upperBound]
      try replace(old, with: BoxType.ilst.box(content + rest), in: &patch)
    } else {
      try patch.append(BoxType.ilst.box(content), to: list.meta)
    }
  }

  private func replace(_ box: Box, with bytes: [UInt8], in patch: inout BoxPatch) throws(MediaError) {
    guard !list.tree.bytes[box.range].elementsEqual(bytes) else { return }
    try patch.replace(box.range, with: bytes, in: list.meta)
  }

  /// A `keys` box with the count that it should say.
  private static func counted(_ box: [UInt8], _ count: Int) -> [UInt8] {
    var box = box
    box.replaceSubrange(12..<16, with: UInt32(truncatingIfNeeded: count).bigEndianBytes)
    return box
  }

  /// Whether the `meta` holds nothing but the list.
  private var isPlain: Bool {
    list.tree.children(of: list.meta).allSatisfy {
      [.hdlr, .keys, .ilst].contains(list.tree.boxes[$0].type)
    }
  }
}
