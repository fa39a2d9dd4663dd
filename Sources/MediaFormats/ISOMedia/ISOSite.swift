internal import MediaCore

extension MetadataCarrier {
  /// A value of a list of metadata items in a `meta` box: QuickTime keys, iTunes tags.
  static let itemList = MetadataCarrier(rawValue: "ilst")
  /// A text in a `udta` box.
  static let userData = MetadataCarrier(rawValue: "udta")
  /// Text in a box of its own that no specification knows.
  static let atom = MetadataCarrier(rawValue: "atom")
}

/// A place that holds metadata, and how to take it away.
struct ISOSite {
  enum Place {
    /// A `data` box in an item of a list; indices in the tree.
    case value(data: Int, item: Int, list: Int)
    /// QuickTime user data: a box with one or more strings.
    case strings(box: Int)
    /// A box that is nothing but the value.
    case box(Int)
    /// An XMP packet, by where it stands in the tree.
    case packet(box: Int, Range<Int>)
    /// An XMP packet at a range of the file that no size depends on, or a whole top-level box.
    case file(Range<Int>, isPacket: Bool)
    /// A signed store.
    case credentials
  }

  let place: Place
  /// Which tree the indices belong to: a top-level `meta`, by its index among the carriers; nil for the movie.
  let carrier: Int?
  let items: [MetadataItem]
}

/// The sites of a file, in its order.
struct ISOSites {
  private(set) var all: [ISOSite] = []
  private var count = 0
  private var packetBudget: Int
  let limits: Limits

  /// Reads every site. Throws `limitExceeded` for too many items.
  init(_ structure: ISOStructure, in input: InputFile, limits: Limits) throws(MediaError) {
    self.limits = limits
    let limit = limits.metadataValueBytes
    // Top-level packets together; those in the movie box are bounded by its own size.
    packetBudget = limit > .max / 16 ? .max : limit * 16
    var isMoviePending = true
    for (index, box) in structure.carriers.enumerated() {
      if isMoviePending, box.range.lowerBound > structure.movie.base {
        isMoviePending = false
        try addTree(structure.movie, carrier: nil)
      }
      try addTopLevel(box, index, in: input)
    }
    if isMoviePending { try addTree(structure.movie, carrier: nil) }
  }

  /// Adds a site unless it has nothing to say.
  mutating func add(_ place: ISOSite.Place, carrier: Int?, _ items: [MetadataItem]) throws(MediaError) {
    guard !items.isEmpty else { return }
    count += items.count
    guard count <= limits.metadataItems else {
      throw MediaError(
        .limitExceeded, .metadata, "more than \(limits.metadataItems) metadata items in one file")
    }
    all.append(ISOSite(place: place, carrier: carrier, items: items))
  }

  private mutating func addTree(_ tree: BoxTree, carrier: Int?) throws(MediaError) {
    let homes = LabelHome.regularLists(in: tree)
    for index in tree.boxes.indices {
      let box = tree.boxes[index]
      let around = box.parent.map { tree.boxes[$0].type }
      if box.type == .meta, around != .ilst {
        for (place, item) in try ItemList(index, of: tree).sites(
          isHome: homes.contains(index), limits: limits)
        {
          try add(place, carrier: carrier, [item])
        }
      } else if around == .udta, let items = UserData.items(index, of: tree, limits: limits) {
        try add(
          UserData.isInternational(box.type) ? .strings(box: index) : .box(index), carrier: carrier, items)
      } else if let opaque = OpaqueBox(
        tree.head(of: index), at: box.range.lowerBound, header: 8, of: box.range),
        around != .ilst
      {
        try addOpaque(opaque, index, of: tree, carrier: carrier)
      }
    }
  }

  private mutating func addOpaque(
    _ opaque: OpaqueBox, _ index: Int, of tree: BoxTree, carrier: Int?
  ) throws(MediaError) {
    let offset = UInt64(tree.base + tree.boxes[index].range.lowerBound)
    let path = tree.path(to: index)
    let isShort = opaque.content.count <= limits.metadataValueBytes
    let bytes = isShort ? Array(tree.bytes[opaque.content]) : nil
    let items = opaque.items(bytes, offset: offset, path: path, limits: limits)
    let place: ISOSite.Place =
      switch opaque.kind {
      case .packet: .packet(box: index, opaque.content)
      case .label: .box(index)
      case .credentials: .credentials
      }
    try add(place, carrier: carrier, items)
  }

  private mutating func addTopLevel(
    _ box: TopLevelBox, _ index: Int, in input: InputFile
  ) throws(MediaError) {
    // What is cut off is no site; a rewrite refuses such a file.
    guard box.range.upperBound <= input.size else { return }
    if box.type == .meta {
      guard box.range.count <= limits.indexBytes else { return }
      let tree = try BoxTree(input.whole(box, limits: limits), base: box.range.lowerBound, limits: limits)
      try addTree(tree, carrier: index)
      for (range, items) in try ItemLocations(tree).packets(in: input, limits: limits) {
        try add(.file(range, isPacket: true), carrier: nil, items)
      }
      return
    }
    let head = try input.read(min(32, box.range.count), at: box.range.lowerBound)
    guard
      let opaque = OpaqueBox(
        head, at: box.range.lowerBound, header: box.content - box.range.lowerBound, of: box.range)
    else { return }
    let count = opaque.content.count
    let isShort = count <= min(limits.metadataValueBytes, packetBudget)
    if isShort { packetBudget -= count }
    let bytes = isShort ? try input.read(count, at: opaque.content.lowerBound) : nil
    let items = opaque.items(
      bytes, offset: UInt64(box.range.lowerBound), path: box.type.description, limits: limits)
    switch opaque.kind {
    case .packet: try add(.file(opaque.content, isPacket: true), carrier: nil, items)
    case .label: try add(.file(box.range, isPacket: false), carrier: nil, items)
    case .credentials: try add(.credentials, carrier: nil, items)
    }
  }
}

extension BoxTree {
  /// The first bytes of a box, enough to tell a `uuid`.
  fileprivate func head(of index: Int) -> [UInt8] { Array(bytes[boxes[index].range].prefix(32)) }
}
