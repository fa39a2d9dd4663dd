internal import MediaCore

/// The bytes of a source file and where their parts lie.
struct JPEGLayout {
  let bytes: UnsafeRawBufferPointer
  /// Segments up to the first scan, in file order.
  let segments: [JPEGSegment]
  /// The kept ones among them, taken apart.
  let sites: [JPEGSite]

  init(_ structure: JPEGStructure, _ sites: [JPEGSite], _ bytes: UnsafeMutableRawBufferPointer) {
    self.bytes = UnsafeRawBufferPointer(bytes)
    segments = structure.segments
    self.sites = sites
  }

  /// Bytes of the file in front of the first scan.
  var scanStart: Int { segments.last?.offset ?? 2 }

  func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[range]) }

  /// Kept segments between and behind scans, up to `end`, the end of the image. Inside of entropy-coded data 0xFF is
  /// followed by zero or RSTn, so any other code is a marker (T.81 B.1.1.5).
  func keptSegments(inScansUpTo end: Int) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var offset = scanStart
    while offset + 3 < end {
      guard let next = bytes.firstMarkerByte(from: offset, before: end - 3) else { break }
      offset = next
      let marker = JPEGMarker(rawValue: bytes[offset + 1])
      if marker.rawValue == 0 || marker.rawValue == 0xFF || marker.isAlone {
        offset += marker.rawValue == 0xFF ? 1 : 2
        continue
      }
      let segmentEnd = offset + 2 + (Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3]))
      guard segmentEnd <= end else { break }
      if marker.isKept { found.append(offset..<segmentEnd) }
      offset = segmentEnd
    }
    return found
  }
}

/// Writes a file anew: kept segments as they are or as edited, then the picture, then whatever followed it.
struct JPEGWriter {
  let layout: JPEGLayout
  let edits: JPEGSegmentEdits

  private enum Piece {
    case source(Range<Int>)
    case new([UInt8])

    var count: Int {
      switch self {
      case .source(let range): range.count
      case .new(let bytes): bytes.count
      }
    }
  }

  /// Writes the file with the picture as it is, or with other entropy-coded data in place of those at `replaced`.
  func writePicture(
    _ scan: UnsafeRawBufferPointer? = nil, replacing replaced: Range<Int> = 0..<0,
    tables: [JPEGHuffmanTable] = [], to output: OutputFile
  ) throws(MediaError) {
    var pieces: [Piece] = [.source(0..<2)]
    var keptIndex = 0
    for segment in layout.segments.dropLast() {
      if segment.marker.isKept {
        insert(at: keptIndex, &pieces)
        keptIndex += 1
        pieces += piece(of: segment)
      } else {
        // A new segment must stand in front of the tables too when it is the last one.
        if keptIndex == layout.sites.count { insert(at: keptIndex, &pieces) }
        if segment.marker == .dht, !tables.isEmpty {
          pieces.append(.new(try JPEGTables.segment(layout.slice(segment.payload), with: tables)))
        } else {
          pieces.append(.source(segment.offset..<segment.end))
        }
      }
    }
    if !pieces.contains(where: isInsertion) { insert(at: edits.insertion?.index ?? -1, &pieces) }
    let header = pieces.reduce(0) { $0 + $1.count }
    let growth = header - layout.scanStart + (scan?.count ?? 0) - replaced.count
    adjustIndex(&pieces, shift: growth, firstSizeChange: growth)
    guard let scan else {
      return try write(pieces + [.source(layout.scanStart..<layout.bytes.count)], to: output)
    }
    try write(pieces + [.source(layout.scanStart..<replaced.lowerBound)], to: output)
    try output.write(scan)
    try output.write(layout.slice(replaced.upperBound..<layout.bytes.count))
  }

  /// Writes the file with another picture.
  func write(_ picture: JPEGCodedPicture, to output: OutputFile) throws(MediaError) {
    switch picture {
    case .scan(let bytes, let replaced, let tables):
      try writePicture(bytes, replacing: replaced, tables: tables, to: output)
    case .stream(let bytes, let end): try write(bytes, end: end, to: output)
    }
  }

  /// Writes the file with another picture: `stream` from SOI to EOI. `end` is where the source's image ends.
  private func write(_ stream: UnsafeRawBufferPointer, end: Int, to output: OutputFile) throws(MediaError) {
    var pieces: [Piece] = [.source(0..<2)]
    for (index, site) in layout.sites.enumerated() {
      insert(at: index, &pieces)
      pieces += piece(of: site.segment)
    }
    insert(at: layout.sites.count, &pieces)
    pieces += layout.keptSegments(inScansUpTo: end).map { .source($0) }
    let size = pieces.reduce(0) { $0 + $1.count } + stream.count - 2
    adjustIndex(&pieces, shift: size - end, firstSizeChange: nil, size: size)
    try write(pieces, to: output)
    try output.write(UnsafeRawBufferPointer(rebasing: stream[2...]))
    try output.write(layout.slice(end..<layout.bytes.count))
  }

  private func isInsertion(_ piece: Piece) -> Bool {
    guard case .new(let bytes) = piece else { return false }
    return bytes == edits.insertion?.bytes
  }

  private func insert(at index: Int, _ pieces: inout [Piece]) {
    guard let insertion = edits.insertion, insertion.index == index, !pieces.contains(where: isInsertion)
    else {
      return
    }
    pieces.append(.new(insertion.bytes))
  }

  private func piece(of segment: JPEGSegment) -> [Piece] {
    switch edits.edits[segment.offset] {
    case nil: [.source(segment.offset..<segment.end)]
    case .drop: []
    case .replace(let bytes): [.new(bytes)]
    }
  }

  /// Has a Multi-Picture index follow what it points to: `shift` is how far the bytes behind the first picture move.
  private func adjustIndex(_ pieces: inout [Piece], shift: Int, firstSizeChange: Int?, size: Int? = nil) {
    guard let site = layout.sites.first(where: \.isMultiPicture) else { return }
    var position = 0
    for index in pieces.indices {
      defer { position += pieces[index].count }
      guard case .source(let range) = pieces[index], range.lowerBound == site.segment.offset else { continue }
      let payload = Array(layout.slice(site.segment.payload))
      let own = position - site.segment.offset
      let first = size ?? MultiPictureIndex.firstSize(payload).map { $0 + (firstSizeChange ?? 0) }
      guard let first,
        let adjusted = MultiPictureIndex.adjusted(payload, firstSize: first, shift: shift - own)
      else { return }
      let head = Array(layout.slice(site.segment.offset..<site.segment.payload.lowerBound))
      pieces[index] = .new(head + adjusted)
      return
    }
  }

  private func write(_ pieces: [Piece], to output: OutputFile) throws(MediaError) {
    for piece in pieces {
      switch piece {
      case .source(let range): try output.write(layout.slice(range))
      case .new(let bytes): try output.write(bytes)
      }
    }
  }
}

extension JPEGSite {
  /// Whether it is a Multi-Picture index.
  var isMultiPicture: Bool {
    if case .multiPicture = content { true } else { false }
  }
}
