internal import MediaCore

/// How far bytes of the file move when its movie box changes length.
struct ByteShift {
  /// The movie box as it was.
  let movie: Range<Int>
  /// Bytes by which it grows.
  let growth: Int
  /// How the media data itself changes; the identity where it does not.
  var media = ByteEdits().offsetMap

  /// Whether nothing moves.
  var isNone: Bool { growth == 0 && media.isIdentity }

  /// Where the byte at `offset` of the old file is in the new one. Throws `unsupported` for media inside of the movie
  /// box, which nobody writes.
  func position(of offset: UInt64) throws(MediaError) -> UInt64 {
    if isNone { return offset }
    // A lying offset may be at the end of all numbers; it stays as wrong as it was.
    let moved = Int(exactly: offset).map { UInt64(bitPattern: Int64(media($0))) } ?? offset
    if growth == 0 || offset <= UInt64(movie.lowerBound) { return moved }
    guard offset >= UInt64(movie.upperBound) else {
      throw MediaError(
        .unsupported, .metadata, "an offset of media, \(offset), points into the movie box \(movie)")
    }
    return moved &+ UInt64(bitPattern: Int64(growth))
  }
}

/// The absolute offsets in a movie box, put right for its new length. Offsets of media in other files stay.
struct ChunkOffsets {
  private static let tables: Set<BoxType> = [.stco, .co64, .saio]

  private let limits: Limits
  private let old: Range<Int>
  private var tree: BoxTree
  private let media: ByteEdits.OffsetMap

  /// `movie` is the new movie box, `old` the range of the old one, `media` what happens to the rest of the file.
  init(
    _ movie: [UInt8], old: Range<Int>, media: ByteEdits.OffsetMap = ByteEdits().offsetMap, limits: Limits
  ) throws(MediaError) {
    self.media = media
    self.limits = limits
    self.old = old
    tree = try BoxTree(movie, base: old.lowerBound, limits: limits)
  }

  /// The movie box with all offsets as they have to be. A table of 32 bits that cannot hold them becomes one of 64.
  mutating func fixed() throws(MediaError) -> [UInt8] {
    guard tree.bytes.count != old.count || !media.isIdentity else { return tree.bytes }
    try widen()
    let shift = ByteShift(movie: old, growth: tree.bytes.count - old.count, media: media)
    var bytes = tree.bytes
    for table in try ownTables() {
      let (start, width, count) = try entries(of: table)
      for place in stride(from: start, to: start + width * count, by: width) {
        let offset = tree.bytes.bigEndian(width, at: place)
        let new = try shift.position(of: offset)
        if new == offset { continue }
        try bytes.put(new, width, at: place)
      }
    }
    for index in tree.boxes.indices where tree.boxes[index].type == .iloc {
      try ItemLocations(tree, iloc: index).patch(&bytes, by: shift)
    }
    return bytes
  }

  /// Makes `co64` of every `stco` that would overflow, if all of them grew.
  private mutating func widen() throws(MediaError) {
    let narrow = try ownTables().filter { tree.boxes[$0].type == .stco }
    var room = UInt64(UInt32.max)
    var most = tree.bytes.count - old.count + max(0, media.growth)
    for table in narrow { most += try 4 * entries(of: table).count }
    room -= min(room, UInt64(max(0, most)))
    var patch = BoxPatch(tree)
    for table in narrow {
      let (start, _, count) = try entries(of: table)
      let places = stride(from: start, to: start + 4 * count, by: 4)
      guard places.contains(where: { tree.bytes.bigEndian(4, at: $0) > room }) else { continue }
      var content = Array(tree.bytes[tree.boxes[table].content.prefix(8)])
      for place in places { content += tree.bytes.bigEndian(4, at: place).bigEndianBytes }
      guard let parent = tree.boxes[table].parent else { continue }
      try patch.replace(tree.boxes[table].range, with: BoxType.co64.box(content), in: parent)
    }
    guard !patch.isEmpty else { return }
    tree = try BoxTree(patch.applied(), base: tree.base, limits: limits)
  }

  /// The tables of offsets into this file.
  private func ownTables() throws(MediaError) -> [Int] {
    var result: [Int] = []
    for trak in tree.children(of: 0) where tree.boxes[trak].type == .trak {
      guard let stbl = tree.descendant("mdia/minf/stbl", of: trak) else { continue }
      let tables = tree.children(of: stbl).filter { Self.tables.contains(tree.boxes[$0].type) }
      guard !tables.isEmpty, try DataReferences(trak, of: tree).isOwn() else { continue }
      result += tables
    }
    return result
  }

  /// Where the offsets of a table begin, how wide each is, and how many there are.
  private func entries(of table: Int) throws(MediaError) -> (start: Int, width: Int, count: Int) {
    let box = tree.boxes[table]
    var start = box.content.lowerBound + 4
    var width = box.type == .co64 ? 8 : 4
    if box.type == .saio {
      let flags = tree.number(4, at: box.content.lowerBound, in: table) ?? 0
      if flags >> 24 == 1 { width = 8 }
      if flags & 1 == 1 { start += 8 }
    }
    guard let count = tree.number(4, at: start, in: table),
      count <= UInt64((box.content.upperBound - start - 4) / width)
    else {
      throw MediaError(
        .malformed, .metadata,
        "box '\(box.type)' in the movie box has \(box.content.count) bytes, fewer than its entries take")
    }
    return (start + 4, width, Int(count))
  }
}

/// Where the samples of a track are (ISO/IEC 14496-12, 8.7.2).
struct DataReferences {
  /// Whether each entry means the file itself, by the flag 1.
  private let entries: [Bool]
  private let used: Set<Int>

  init(_ trak: Int, of tree: BoxTree) {
    var entries: [Bool] = []
    if let dref = tree.descendant("mdia/minf/dinf/dref", of: trak) {
      var offset = tree.boxes[dref].content.lowerBound + 8
      while let size = tree.number(4, at: offset, in: dref),
        let flags = tree.number(4, at: offset + 8, in: dref),
        size >= 12
      {
        entries.append(flags & 1 == 1)
        offset += Int(size)
      }
    }
    self.entries = entries
    used = Set(MovieTrack(trak, of: tree).entries.map(\.dataReference))
  }

  /// Whether the samples are in the file itself. Throws `unsupported` where some are and some are not.
  func isOwn() throws(MediaError) -> Bool {
    let own = Set(used.map { $0 >= 1 && $0 <= entries.count ? entries[$0 - 1] : true })
    guard own.count <= 1 else {
      throw MediaError(.unsupported, .metadata, "a track has samples both in this file and in another")
    }
    return own.first ?? true
  }
}

extension [UInt8] {
  /// Puts a number into `width` (4 or 8) bytes at `place`. Throws `unsupported` when it does not fit.
  mutating func put(_ value: UInt64, _ width: Int, at place: Int) throws(MediaError) {
    guard width == 8 || value <= UInt64(UInt32.max) else {
      throw MediaError(
        .unsupported, .metadata, "an offset would grow to \(value), more than its \(width) bytes hold")
    }
    for index in 0..<width {
      self[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * (width - 1 - index)))
    }
  }
}
