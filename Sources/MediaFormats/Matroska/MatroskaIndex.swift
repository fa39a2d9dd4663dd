internal import MediaCore

/// A SeekHead or Cues element, whose positions follow what moves.
struct MatroskaIndex {
  /// Where the index stands and how it now reads.
  private(set) var piece: MatroskaLayout.Piece
  /// Whether a position has changed.
  var isChanged: Bool { piece.bytes != buffer.bytes }
  private let buffer: EBMLBuffer
  private let origin: Int
  /// The positions, and the entry of a SeekHead that goes when what it leads to does.
  private var positions: [(element: EBMLElement, entry: EBMLElement?)] = []
  /// Where blocks are said to stand inside a cluster, with the element that says which cluster.
  private var blocks: [(element: EBMLElement, cluster: EBMLElement)] = []
  private var widths: [Int: Int] = [:]

  private static let most = 1 << 20

  /// Reads the positions of an index; they count from `origin`, the start of the segment's data.
  init(_ buffer: EBMLBuffer, origin: Int, void: Range<Int>?) throws(MediaError) {
    self.buffer = buffer
    self.origin = origin
    let range = buffer.base..<buffer.base + buffer.bytes.count
    piece = MatroskaLayout.Piece(range: range, bytes: buffer.bytes, void: void)
    if buffer.root.id == .seekHead {
      positions = try MatroskaSeek.all(in: buffer).compactMap { seek in seek.element.map { ($0, seek.entry) }
      }
    } else {
      try collect(from: buffer.root)
    }
  }

  /// Spells the positions for `place`, which tells where a child of the segment goes (nil: it is taken away); with
  /// `entry`, a child that is new is listed too. Returns whether anything changed since the last time. Fields never
  /// become narrower, so that repeating this comes to an end.
  mutating func update(
    entry: (id: EBMLID, offset: Int)?, blocks moved: (_ place: Int, _ cluster: Int) -> Int? = { _, _ in nil },
    _ place: (Int) -> Int?
  ) throws(MediaError) -> Bool {
    var patch = EBMLPatch()
    for (element, cluster) in blocks {
      guard let own = buffer.unsigned(cluster).flatMap({ Int(exactly: $0) }), own < Int.max / 2,
        let old = buffer.unsigned(element).flatMap({ Int(exactly: $0) }), let new = moved(old, origin + own),
        new != old
      else { continue }
      patch.replacements[element.offset] = EBMLWriting.unsigned(element.id, new, width: element.data.count)
    }
    for (element, entry) in positions {
      guard let old = buffer.unsigned(element).flatMap({ Int(exactly: $0) }), old < Int.max / 2 else {
        continue
      }
      guard let new = place(origin + old).map({ $0 - origin }) else {
        if let entry { patch.replacements[entry.offset] = [] }
        continue
      }
      guard new != old, new >= 0 else { continue }
      let width = max(element.data.count, widths[element.offset] ?? 0)
      let bytes = EBMLWriting.unsigned(element.id, new, width: width)
      widths[element.offset] = bytes.count - element.id.bytes.count - 1
      patch.replacements[element.offset] = bytes
    }
    if let entry {
      patch.additions[buffer.root.offset] = MatroskaSeek.entry(for: entry.id, at: entry.offset - origin)
    }
    let isEmpty = patch.replacements.isEmpty && patch.additions.isEmpty
    let bytes = isEmpty ? buffer.bytes : try patch.applied(to: buffer)
    defer { piece.bytes = bytes }
    return bytes != piece.bytes
  }

  private mutating func collect(from master: EBMLElement) throws(MediaError) {
    var cluster: EBMLElement?
    var block: EBMLElement?
    var cursor = buffer.children(of: master)
    while let child = try cursor.next() {
      if child.id == .cueClusterPosition { cluster = child }
      if child.id == .cueRelativePosition { block = child }
      switch child.id {
      case .cuePoint, .cueTrackPositions, .cueReference: try collect(from: child)
      case .cueClusterPosition, .cueRefCluster: positions.append((child, nil))
      // Zero means the state that the track begins with, not a place.
      case .cueCodecState, .cueRefCodecState:
        if buffer.unsigned(child) != 0 { positions.append((child, nil)) }
      default: break
      }
      guard positions.count <= Self.most else { throw .tooMany("positions in the Cues", Self.most) }
    }
    if let cluster, let block { blocks.append((block, cluster)) }
  }
}
