internal import MediaCore

/// The tables of a track of which some samples are coded anew.
protocol ISORecodedTables {
  /// The samples as they were.
  var samples: [VideoSample] { get }
  /// Where the chunks of the track begin.
  var chunks: NumberTable { get }
  /// What takes the places of samples.
  var segments: [VideoReencode.Segment] { get }
  /// Where the packets stand.
  var spool: CodedSpool { get }
  /// The table of sizes.
  var sizes: [UInt8] { get }
  /// `movie` with the new tables; its offsets are not moved yet.
  func applied(to movie: [UInt8], base: Int, limits: Limits) throws(MediaError) -> [UInt8]
}

extension ISORecodedTables {
  /// The table of sizes, of as many samples as there were.
  var sizes: [UInt8] {
    var values = samples.map(\.size)
    for segment in segments {
      for (index, packet) in zip(segment.samples, segment.packets) { values[index] = packet.range.count }
    }
    return Self.sizes(values)
  }

  static func sizes(_ values: [Int]) -> [UInt8] {
    var content = UInt64(0).bigEndianBytes + UInt32(truncatingIfNeeded: values.count).bigEndianBytes
    content.reserveCapacity(12 + 4 * values.count)
    for value in values { content += UInt32(truncatingIfNeeded: value).bigEndianBytes }
    return BoxType("stsz").box(content)
  }

  /// Gives the boxes of sample table `stbl` the new sizes; `edit` is handed every other box. Throws `unsupported` for tables
  /// about samples that cannot be kept right.
  func patch(
    _ stbl: Int, of tree: BoxTree, _ patch: inout BoxPatch,
    edit: (Box, Int, inout BoxPatch) throws(MediaError) -> Void = { _, _, _ in }
  ) throws(MediaError) {
    for index in tree.children(of: stbl) {
      let box = tree.boxes[index]
      switch box.type.description {
      case "stsz", "stz2": try patch.replace(box.range, with: sizes, in: stbl)
      case "subs", "padb", "senc", "saiz", "saio":
        throw MediaError(
          .unsupported, .encode,
          "box '\(box.type)' describes samples in a way that coding them anew would break")
      default: try edit(box, index, &patch)
      }
    }
  }
}

extension BoxTree {
  /// The table box of the track that is described by `entry`.
  func sampleTable(of entry: SampleEntry) throws(MediaError) -> Int {
    let traks = children(of: 0).filter { boxes[$0].type == .trak }
    // The metadata edit in front of this one leaves the tracks as they are.
    let own = traks.first { MovieTrack($0, of: self).entries.first?.bytes == entry.bytes }
    guard let trak = own, let stbl = descendant("mdia/minf/stbl", of: trak) else {
      throw MediaError(.internalFault, .encode, "the track is not in the edited movie box")
    }
    return stbl
  }
}

extension ISOFile {
  /// The media data with packets in the place of samples, and the sizes of the boxes around them.
  func mediaEdits(_ tables: [any ISORecodedTables]) throws(MediaError) -> ByteEdits {
    var edits = ByteEdits()
    var grown: [Int: Int] = [:]
    let boxes = try mediaBoxes()
    for part in tables { try replace(part, in: boxes, &edits, &grown) }
    for box in boxes {
      guard let growth = grown[box.range.lowerBound], growth != 0 else { continue }
      try resize(box, by: growth, &edits)
    }
    return edits
  }

  /// Replaces samples of one track; `grown` is by how much each box of media, by its offset, becomes longer.
  private func replace(
    _ tables: any ISORecodedTables, in boxes: [TopLevelBox], _ edits: inout ByteEdits,
    _ grown: inout [Int: Int]
  ) throws(MediaError) {
    let spool = try tables.spool.file()
    let samples = tables.samples
    // A chunk is found by its offset, so that none may begin inside of what is replaced at once.
    let chunks = Set((0..<tables.chunks.count).map { tables.chunks[$0] })
    for segment in tables.segments {
      var first = segment.samples.lowerBound
      while first < segment.samples.upperBound {
        // Samples that stand side by side are replaced at once.
        var last = first
        while last + 1 < segment.samples.upperBound,
          samples[last].end == samples[last + 1].offset,
          !chunks.contains(UInt64(samples[last].end))
        { last += 1 }
        let old = samples[first].offset..<samples[last].end
        let packets = segment.packets[
          (first - segment.samples.lowerBound)...(last - segment.samples.lowerBound)]
        let new = (packets.first?.range.lowerBound ?? 0)..<(packets.last?.range.upperBound ?? 0)
        guard let box = boxes.last(where: { $0.content <= old.lowerBound }),
          old.upperBound <= box.range.upperBound
        else {
          throw MediaError(
            .unsupported, .encode, "samples at offset \(old.lowerBound) stand in no 'mdat' box")
        }
        try edits.replace(old, with: new, of: spool)
        grown[box.range.lowerBound, default: 0] += new.count - old.count
        first = last + 1
      }
    }
  }

  private func mediaBoxes() throws(MediaError) -> [TopLevelBox] {
    var walk = TopLevelBoxes(input)
    var boxes: [TopLevelBox] = []
    while let box = try walk.next() { if box.type == .mdat { boxes.append(box) } }
    return boxes
  }

  private func resize(_ box: TopLevelBox, by growth: Int, _ edits: inout ByteEdits) throws(MediaError) {
    let start = box.range.lowerBound
    let size = box.range.count + growth
    switch try input.read(4, at: start).bigEndian(4, at: 0) {
    // "To the end of the file" stays true.
    case 0: break
    case 1: try edits.replace(start + 8..<start + 16, with: UInt64(size).bigEndianBytes)
    default:
      guard let short = UInt32(exactly: size) else {
        throw MediaError(
          .limitExceeded, .encode, "box 'mdat' would grow to \(size) bytes, past its 32-bit size")
      }
      try edits.replace(start..<start + 4, with: short.bigEndianBytes)
    }
  }
}
