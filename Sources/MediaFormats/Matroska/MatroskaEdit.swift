internal import MediaCore

/// Turns changes of metadata into edits of one segment. New tags stand before the first cluster, where every reader
/// finds them; positions, sizes and checksums follow what moves.
struct MatroskaEdit {
  /// What a person should know.
  private(set) var notes: [String] = []
  private let segment: MatroskaSegment
  private let reader: HeaderReader
  private let limits: Limits
  private var budget: Int
  private var pieces: [MatroskaLayout.Piece] = []
  private var indexes: [MatroskaIndex] = []
  private var blocks: MatroskaBlockEdit?
  /// The Tags element that is new at its place, and where it stood before if it stood anywhere.
  private var newTags: (piece: MatroskaLayout.Piece, former: Int?)?

  init(_ segment: MatroskaSegment, in reader: HeaderReader, limits: Limits) {
    self.segment = segment
    self.reader = reader
    self.limits = limits
    budget = limits.indexBytes
  }

  private var origin: Int { segment.header.dataOffset }
  private var front: Int { segment.firstCluster ?? segment.end }
  private var layout: MatroskaLayout {
    MatroskaLayout(
      pieces + (newTags.map { [$0.piece] } ?? []) + indexes.filter(\.isChanged).map(\.piece))
  }

  /// Decides what changes. Throws `unsupported` for a site that cannot be taken away, and `invalidArgument` for one
  /// that is not there.
  mutating func apply(_ changes: MetadataChanges, blocks: MatroskaBlockEdit? = nil) throws(MediaError) {
    var (items, properties) = (changes.remove, changes.set)
    if let blocks {
      self.blocks = blocks
      for cluster in segment.clusters {
        guard let new = blocks.clusters[cluster.offset] else { continue }
        pieces.append(.init(range: cluster.range, bytes: [], count: new.count))
      }
    }
    if !changes.isEmpty || blocks?.records.isEmpty == false {
      try editTags(&items, &properties)
      try editTexts(items)
    }
    guard !pieces.isEmpty || newTags != nil else { return }
    for element in segment.elements where element.id == .seekHead { try addIndex(element) }
    if let crc = segment.elements.first, crc.id == .crc32, crc.range.count >= 2 {
      pieces.append(.init(range: crc.range, bytes: EBMLWriting.void(crc.range.count)))
      notes.append("the checksum over the whole segment was taken out: it covers all media data")
    }
    try settle()
  }

  /// Adds the edits of the segment to those of the file.
  func add(to edits: inout ByteEdits) throws(MediaError) {
    let layout = layout
    var all = layout.edits.map { (range: $0.range, bytes: $0.bytes, isCluster: $0.isCluster) }
    if let length = segment.header.length, layout.growth != 0 {
      let field = segment.header.offset + segment.header.id.bytes.count..<origin
      all.append((field, EBMLWriting.size(length + layout.growth, width: segment.header.sizeBytes), false))
    }
    for range in blocks?.voided ?? [] { all.append((range, EBMLWriting.void(range.count), false)) }
    for position in segment.positions where blocks?.clusters[position.cluster] == nil {
      let (old, new) = (position.cluster - origin, layout.position(of: position.cluster) - origin)
      guard new != old, position.value == UInt64(old) else { continue }
      guard !position.isSealed else {
        throw MediaError(
          .unsupported, .metadata,
          "cluster at offset \(position.cluster) has a checksum over its own position; remux the file first")
      }
      let data = Array(UInt64(new).bigEndianBytes.suffix(position.element.data.count))
      let fits = UInt64(new).leadingZeroBitCount >= 64 - 8 * data.count
      all.append(
        fits
          ? (position.element.data, data, false)
          : (position.element.range, EBMLWriting.void(position.element.range.count), false))
    }
    for edit in all.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      if edit.isCluster {
        try blocks?.write(edit.range.lowerBound, into: &edits)
      } else {
        try edits.replace(edit.range, with: edit.bytes)
      }
    }
  }

  private mutating func editTags(
    _ items: inout [MetadataItem], _ properties: inout [MetadataProperty]
  ) throws(MediaError) {
    let names = Set(properties.map { $0.name.lowercased() })
    var isHost = !properties.isEmpty
    for element in segment.elements where element.id == .tags {
      var edit = try MatroskaTagEdit(try EBMLBuffer(element, in: reader, budget: &budget), limits: limits)
      edit.apply(&items, &properties, names: names)
      // The first takes what is new; the others may still hold what it replaces.
      if isHost { edit.add(properties) }
      properties = []
      defer { isHost = false }
      if edit.isEmpty { continue }
      let bytes = try edit.result()
      let isBehind = element.offset >= front
      if isHost, isBehind, !bytes.isEmpty {
        pieces.append(.init(range: element.range, bytes: [], keepsRoom: false))
        place(bytes, former: element.offset)
      } else {
        pieces.append(
          .init(range: element.range, bytes: bytes, void: void(behind: element), keepsRoom: !isBehind))
      }
    }
    let bytes = isHost ? MatroskaTagEdit.tags(properties) : []
    if !bytes.isEmpty { place(bytes, former: nil) }
  }

  /// Puts a Tags element into the last Void before the clusters that has room, or else directly before them.
  private mutating func place(_ bytes: [UInt8], former: Int?) {
    let void = segment.elements.last {
      let left = $0.range.count - bytes.count
      return $0.id == .void && $0.offset < front && (left == 0 || left >= 2)
    }
    newTags = (.init(range: void?.range ?? front..<front, bytes: bytes), former)
  }

  /// Takes away texts outside of the tags: titles and names go, the names of programs, which are mandatory, become
  /// empty.
  private mutating func editTexts(_ items: [MetadataItem]) throws(MediaError) {
    var patches: [Int: EBMLPatch] = [:]
    for item in items {
      guard let parent = parent(of: item), parent.id == .info || parent.id == .tracks else {
        throw MediaError(
          .unsupported, .metadata, "'\(item.name)' at offset \(item.offset) cannot be taken away")
      }
      let id: EBMLID =
        switch item.name {
        case "Title": .title
        case "MuxingApp": .muxingApp
        case "WritingApp": .writingApp
        default: .trackName
        }
      let isMandatory = id == .muxingApp || id == .writingApp
      patches[parent.offset, default: EBMLPatch()].replacements[
        Int(truncatingIfNeeded: item.offset) - parent.offset] = isMandatory ? EBMLWriting.element(id, []) : []
    }
    if let tracks = segment.first(.tracks) {
      for record in blocks?.records ?? [] {
        let element = EBMLWriting.element(.codecPrivate, record.bytes)
        if let old = record.former {
          patches[tracks.offset, default: EBMLPatch()].replacements[old.offset] = element
        } else {
          patches[tracks.offset, default: EBMLPatch()].additions[record.entry.offset] = element
        }
      }
    }
    for (offset, patch) in patches {
      guard let parent = segment.elements.first(where: { $0.offset == offset }) else { continue }
      let buffer = try EBMLBuffer(parent, in: reader, budget: &budget)
      pieces.append(
        .init(
          range: parent.range, bytes: try patch.applied(to: buffer), void: void(behind: parent),
          keepsRoom: parent.offset < front))
    }
  }

  private func parent(of item: MetadataItem) -> EBMLElement? {
    guard let offset = Int(exactly: item.offset) else { return nil }
    return segment.elements.first { $0.data.contains(offset) }
  }

  private mutating func addIndex(_ element: EBMLElement) throws(MediaError) {
    let buffer = try EBMLBuffer(element, in: reader, budget: &budget)
    indexes.append(try MatroskaIndex(buffer, origin: origin, void: void(behind: element)))
  }

  /// The Void directly behind `element`, unless new tags move into it.
  private func void(behind element: EBMLElement) -> Range<Int>? {
    let void = segment.void(behind: element)?.range
    return void == newTags?.piece.range ? nil : void
  }

  /// Spells the indexes until they agree with where everything stands: a position that needs a byte more moves
  /// what is behind it.
  private mutating func settle() throws(MediaError) {
    let gone = pieces.filter { $0.bytes.isEmpty && $0.count == nil && !$0.range.isEmpty }.map(
      \.range.lowerBound)
    var hasCues = false
    for _ in 0..<64 {
      let layout = layout
      var isStable = true
      let isMoved = segment.firstCluster.map { layout.position(of: $0) != $0 } ?? false
      if !hasCues, isMoved || blocks != nil {
        for element in segment.elements where element.id == .cues { try addIndex(element) }
        hasCues = true
        isStable = false
      }
      let tags = newTags.map { (start: layout.start(of: $0.piece), former: $0.former) }
      for index in indexes.indices {
        let isFirst = index == 0 && segment.elements.contains { $0.id == .seekHead }
        let entry = isFirst && tags?.former == nil ? tags.map { (id: EBMLID.tags, offset: $0.start) } : nil
        let hasChanged = try indexes[index].update(
          entry: entry, blocks: { blocks?.position(of: $0, inClusterAt: $1) }
        ) { offset in
          if let tags, offset == tags.former { return tags.start }
          return gone.contains(offset) ? nil : layout.position(of: offset)
        }
        if hasChanged { isStable = false }
      }
      if isStable { return }
    }
    throw MediaError(.internalFault, .metadata, "the positions of the segment do not come to rest")
  }
}
