internal import MediaCore

/// Changes of metadata as changes of boxes.
struct ISOMetadataEdit {
  /// The movie box as it will be, not yet moved.
  private(set) var movie: [UInt8]
  /// Top-level `meta` boxes as they will be, by their index among the carriers; each fills the place of the old one.
  private(set) var carriers: [Int: [UInt8]] = [:]
  /// Ranges of the file with other bytes of the same number.
  private(set) var ranges: [(Range<Int>, [UInt8])] = []

  private let structure: ISOStructure
  private let input: InputFile
  private let limits: Limits

  /// Throws `unsupported` for a site that cannot be taken away or a place that is taken, `invalidArgument` for an item
  /// that is not in the file.
  init(
    _ changes: MetadataChanges, of structure: ISOStructure, in input: InputFile, limits: Limits
  ) throws(MediaError) {
    self.structure = structure
    self.input = input
    self.limits = limits
    movie = structure.movie.bytes
    let doomed = try Self.sites(of: changes.remove, among: ISOSites(structure, in: input, limits: limits).all)
    movie = try edited(structure.movie, doomed.filter { $0.carrier == nil }, setting: changes.set)
    for carrier in Set(doomed.compactMap(\.carrier)).sorted() {
      let box = structure.carriers[carrier]
      let tree = try BoxTree(input.whole(box, limits: limits), base: box.range.lowerBound, limits: limits)
      let bytes = try edited(tree, doomed.filter { $0.carrier == carrier }, setting: [])
      carriers[carrier] = try Self.filling(bytes, box.range.count, box)
    }
    for site in doomed { try blank(site) }
  }

  /// The sites of `items`, each with only those of its items that are to go.
  private static func sites(
    of items: [MetadataItem], among sites: [ISOSite]
  ) throws(MediaError) -> [ISOSite] {
    struct Name: Hashable {
      let offset: UInt64
      let name: String
    }
    var doomed: [Name: MetadataItem] = [:]
    for item in items { doomed[Name(offset: item.offset, name: item.name)] = item }
    var missing = doomed
    var result: [ISOSite] = []
    for site in sites {
      var own: [MetadataItem] = []
      for item in site.items {
        let name = Name(offset: item.offset, name: item.name)
        guard doomed[name] != nil else { continue }
        missing[name] = nil
        // Several strings of one box differ in their value alone.
        if case .strings = site.place,
          !items.contains(where: { $0.offset == item.offset && $0.value == item.value })
        {
          continue
        }
        own.append(item)
      }
      if !own.isEmpty { result.append(ISOSite(place: site.place, carrier: site.carrier, items: own)) }
    }
    if let item = missing.values.first {
      throw MediaError(
        .invalidArgument, .metadata,
        "no box with metadata at offset \(item.offset) to take '\(item.name)' from")
    }
    return result
  }

  private func edited(
    _ tree: BoxTree, _ doomed: [ISOSite], setting properties: [MetadataProperty]
  ) throws(MediaError) -> [UInt8] {
    var patch = BoxPatch(tree)
    var lists: [Int: Set<Int>] = [:]
    for site in doomed {
      switch site.place {
      case .value(let data, _, let list):
        if let meta = tree.boxes[list].parent { lists[meta, default: []].insert(data) }
      case .strings(let box):
        let content = tree.boxes[box].content
        let left = UserData.removing(site.items, from: tree.bytes[content])
        if left.isEmpty { try patch.remove(box) } else { try patch.replace(content, with: left, in: box) }
      case .box(let box): try patch.remove(box)
      case .packet(let box, let range):
        let packet = try XMPPacket.applying(
          MetadataChanges(remove: site.items), to: Array(tree.bytes[range]), limits: limits)
        try patch.replace(range, with: packet, in: box)
      case .credentials:
        throw MediaError(
          .unsupported, .metadata, "box 'uuid' holds a signed C2PA store, which is not taken apart")
      case .file: break
      }
    }
    var home: Int?
    if !properties.isEmpty {
      switch LabelHome(in: tree) {
      case .list(let meta):
        home = meta
        lists[meta] = lists[meta] ?? []
      case .userData(let udta?): try patch.append(LabelHome.meta(properties), to: udta)
      case .userData(nil):
        try patch.append(BoxType.udta.box(LabelHome.meta(properties)), to: 0)
      }
    }
    for (meta, values) in lists.sorted(by: { $0.key < $1.key }) {
      let list = ItemList(meta, of: tree)
      try ItemListEdit(list, removing: values, setting: meta == home ? properties : []).apply(to: &patch)
    }
    return try patch.applied()
  }

  /// `bytes` and a `free` box that keeps what stands behind where it is.
  private static func filling(
    _ bytes: [UInt8], _ count: Int, _ box: TopLevelBox
  ) throws(MediaError) -> [UInt8] {
    let room = count - bytes.count
    if room == 0 { return bytes }
    guard room >= 8 else {
      throw MediaError(
        .unsupported, .metadata,
        "box '\(box.type)' at offset \(box.range.lowerBound) cannot be edited in the \(count) bytes it has")
    }
    return bytes + BoxType.free.box(Array(repeating: 0, count: room - 8))
  }

  /// Takes a site at the top level away in its own bytes, so that nothing moves.
  private mutating func blank(_ site: ISOSite) throws(MediaError) {
    guard case .file(let range, let isPacket) = site.place else { return }
    guard isPacket else {
      // With a 64-bit size the header would not be the eight bytes that are written here.
      guard range.count <= Int(UInt32.max) else {
        throw MediaError(
          .unsupported, .metadata, "box at offset \(range.lowerBound) is too long to be blanked")
      }
      return ranges.append((range, BoxType.free.box(Array(repeating: 0, count: range.count - 8))))
    }
    guard range.count <= limits.metadataValueBytes else {
      throw MediaError(
        .limitExceeded, .metadata, "XMP packet of \(range.count) bytes is too long to be edited")
    }
    let packet = try XMPPacket.applying(
      MetadataChanges(remove: site.items), to: try input.read(range.count, at: range.lowerBound),
      limits: limits)
    guard packet.count <= range.count else {
      throw MediaError(
        .unsupported, .metadata, "the XMP packet at offset \(range.lowerBound) has no room for its own rest")
    }
    // White space is the padding that XMP part 1, 7.3.3 has.
    let padding = [UInt8](repeating: UInt8(ascii: " "), count: range.count - packet.count)
    ranges.append((range, packet + padding))
  }
}
