internal import MediaCore

extension MovieFragments {
  /// `movie` with the samples of all fragments in its own tables, which makes a film without fragments of the file. The
  /// offsets are those of the file as it is.
  func joined(to movie: [UInt8], base: Int, limits: Limits) throws(MediaError) -> [UInt8] {
    let tree = try BoxTree(movie, base: base, limits: limits)
    var patch = BoxPatch(tree)
    let mvhd = tree.child(BoxType("mvhd"), of: 0)
    let scale = mvhd.flatMap { MediaTime($0, of: tree) }?.scale ?? 0
    var longest: UInt64 = 0
    for (trak, track) in zip(tree.children(of: 0).filter { tree.boxes[$0].type == .trak }, tracks) {
      guard let stbl = tree.descendant("mdia/minf/stbl", of: trak),
        let mdhd = tree.descendant("mdia/mdhd", of: trak), let own = MediaTime(mdhd, of: tree)?.scale, own > 0
      else { throw MediaError(.malformed, .decode, "track \(track.id) has no table box or no time") }
      let tables = SampleColumns(track.samples, later: track.delay).boxes
      for index in tree.children(of: stbl)
      where SampleColumns.names.contains(tree.boxes[index].type.description) {
        try patch.remove(index)
      }
      try patch.append(tables, to: stbl)
      // Players cut off what is shown behind it.
      let end = max(track.duration, track.shownEnd)
      try setDuration(end, of: mdhd, longAt: 24, shortAt: 16, in: tree, &patch)
      var shown = Self.scaled(end, from: own, to: scale)
      if let elst = tree.descendant("edts/elst", of: trak) {
        let initial = MediaTime(mdhd, of: tree)?.duration
        shown = try fillEdits(elst, track, own, scale, initial: initial, in: tree, &patch) ?? shown
      } else if track.delay > 0 {
        shown = Self.scaled(end - min(end, UInt64(track.delay)), from: own, to: scale)
        try patch.append(Self.edits(duration: shown, from: track.delay), to: trak)
      }
      if let tkhd = tree.child(BoxType("tkhd"), of: trak) {
        try setDuration(shown, of: tkhd, longAt: 28, shortAt: 20, in: tree, &patch)
      }
      longest = max(longest, shown)
    }
    if let mvhd { try setDuration(longest, of: mvhd, longAt: 24, shortAt: 16, in: tree, &patch) }
    if let mvex = tree.child(BoxType("mvex"), of: 0) { try patch.remove(mvex) }
    return try patch.applied()
  }

  private static func scaled(_ value: UInt64, from scale: UInt32, to target: UInt32) -> UInt64 {
    let (high, low) = value.multipliedFullWidth(by: UInt64(target))
    guard high < UInt64(scale) else { return .max }
    return UInt64(scale).dividingFullWidth((high, low)).quotient
  }

  /// Puts a duration into a header box, whose version tells how wide it is and where.
  private func setDuration(
    _ duration: UInt64, of box: Int, longAt: Int, shortAt: Int, in tree: BoxTree, _ patch: inout BoxPatch
  ) throws(MediaError) {
    let start = tree.boxes[box].content.lowerBound
    let isLong = tree.number(1, at: start, in: box) == 1
    let place = start + (isLong ? longAt : shortAt)
    guard tree.number(isLong ? 8 : 4, at: place, in: box) != nil else {
      throw MediaError(.malformed, .decode, "box '\(tree.boxes[box].type)' is too short for a duration")
    }
    // All ones say that it is not known (8.2.2.3).
    let bytes =
      isLong ? duration.bigEndianBytes : UInt32(clamping: duration).bigEndianBytes
    try patch.replace(place..<place + bytes.count, with: bytes, in: box)
  }

  /// An `edts` box with one edit that begins at `time` of the track (8.6.6).
  private static func edits(duration: UInt64, from time: Int) -> [UInt8] {
    let rate = UInt32(0x1_0000).bigEndianBytes
    let list =
      [1, 0, 0, 0] + UInt32(1).bigEndianBytes + duration.bigEndianBytes + UInt64(time).bigEndianBytes
    return BoxType("edts").box(BoxType("elst").box(list + rate))
  }

  /// Seconds by which the end of an edit and that of the samples in front of the fragments may differ.
  private static let tolerance = 0.05

  /// An edit of no length goes to the end of the fragments (8.6.6.1), and so does a last one as long as the samples in front of
  /// the fragments, whose duration is `initial`: whoever wrote it knew of no others, and players show them. All edits begin as
  /// much later as the samples are shown. Returns how long the edits are shown.
  private func fillEdits(
    _ elst: Int, _ track: Track, _ own: UInt32, _ scale: UInt32, initial: UInt64?, in tree: BoxTree,
    _ patch: inout BoxPatch
  ) throws(MediaError) -> UInt64? {
    var fields = BoxFields(tree, elst)
    let isLong = try fields.next(1) == 1
    try fields.skip(3)
    var sum: UInt64 = 0
    let count = try fields.next(4)
    for index in 0..<count {
      let place = fields.offset
      var duration = try fields.next(isLong ? 8 : 4)
      let raw = try fields.next(isLong ? 8 : 4)
      var time = isLong ? Int64(bitPattern: raw) : Int64(Int32(truncatingIfNeeded: raw))
      try fields.skip(4)
      if time >= 0 {
        let (later, isTooFar) = time.addingReportingOverflow(Int64(track.delay))
        guard !isTooFar, isLong || later <= Int64(Int32.max) else {
          throw MediaError(.malformed, .decode, "an edit of track \(track.id) begins at time \(time)")
        }
        if index + 1 == count, let initial, initial < track.duration, scale > 0 {
          let length = Double(duration) / Double(scale)
          let whole = Double(initial) / Double(own)
          // An edit may begin later than the samples, as much as reordering makes them wait, and be no shorter.
          let lengths = [length, length + Double(time) / Double(own)]
          if lengths.contains(where: { abs($0 - whole) < Self.tolerance }) { duration = 0 }
        }
        time = later
        if duration == 0 {
          let length = track.shownEnd - min(track.shownEnd, UInt64(time))
          duration = Self.scaled(length, from: own, to: scale)
        }
        let bytes =
          isLong
          ? duration.bigEndianBytes + UInt64(time).bigEndianBytes
          : UInt32(clamping: duration).bigEndianBytes + UInt32(time).bigEndianBytes
        try patch.replace(place..<place + bytes.count, with: bytes, in: elst)
      }
      sum = sum.addingReportingOverflow(duration).partialValue
    }
    return count == 0 ? nil : sum
  }
}

extension MovieFragments.Track {
  /// By how much samples have to be shown later so that none is shown before it is decoded. The tables of a film could
  /// hold negative offsets (8.6.1.3, version 1), but players differ in when they show such a film; an edit list that
  /// begins as much later says the same to all of them.
  fileprivate var delay: Int { -min(0, samples.map(\.compositionOffset).min() ?? 0) }

  /// When the last picture to be shown goes, which is later than the decoding ends where pictures are reordered.
  fileprivate var shownEnd: UInt64 {
    let delay = delay
    let ends = samples.map { sample in
      sample.decodeTime.addingReportingOverflow(Int64(sample.compositionOffset + delay + sample.duration))
        .partialValue
    }
    return UInt64(max(0, ends.max() ?? 0))
  }
}

/// Samples as the table boxes of a track (8.6.1, 8.6.2, 8.7).
private struct SampleColumns {
  static let names: Set<String> = ["stts", "ctts", "stss", "stsz", "stz2", "stsc", "stco", "co64"]

  private let samples: [MediaSample]
  /// How much later than it says each is shown.
  private let later: Int

  init(_ samples: [MediaSample], later: Int) {
    self.samples = samples
    self.later = later
  }

  var boxes: [UInt8] {
    var content = table("stts", rows(runs { UInt32(truncatingIfNeeded: $0.duration) }))
    if samples.contains(where: { $0.compositionOffset + later != 0 }) {
      content += table("ctts", rows(runs { UInt32(truncatingIfNeeded: $0.compositionOffset + later) }))
    }
    if samples.contains(where: { !$0.isSync }) {
      let numbers = samples.indices.filter { samples[$0].isSync }.map { UInt32(truncatingIfNeeded: $0 + 1) }
      content += table("stss", (numbers.count, numbers.flatMap(\.bigEndianBytes)))
    }
    let sizes = samples.map { UInt32(truncatingIfNeeded: $0.size) }
    content += BoxType("stsz").box(
      UInt64(0).bigEndianBytes + UInt32(truncatingIfNeeded: sizes.count).bigEndianBytes
        + sizes.flatMap(\.bigEndianBytes))
    return content + chunks
  }

  /// Samples that follow one another in the file and are described alike make a chunk.
  private var chunks: [UInt8] {
    var chunks: [(offset: Int, count: UInt32, entry: UInt32)] = []
    var end = -1
    for sample in samples {
      let entry = UInt32(truncatingIfNeeded: sample.entry + 1)
      if let last = chunks.last, sample.offset == end, last.entry == entry {
        chunks[chunks.count - 1].count += 1
      } else {
        chunks.append((sample.offset, 1, entry))
      }
      end = sample.offset + sample.size
    }
    var rows: [UInt8] = []
    var count = 0
    for (index, chunk) in chunks.enumerated() {
      if index > 0, chunks[index - 1].count == chunk.count, chunks[index - 1].entry == chunk.entry {
        continue
      }
      count += 1
      rows += UInt32(truncatingIfNeeded: index + 1).bigEndianBytes + chunk.count.bigEndianBytes
      rows += chunk.entry.bigEndianBytes
    }
    let isFar = chunks.contains { $0.offset > Int(UInt32.max) }
    let offsets = chunks.flatMap {
      isFar ? UInt64($0.offset).bigEndianBytes : UInt32(truncatingIfNeeded: $0.offset).bigEndianBytes
    }
    return table("stsc", (count, rows)) + table(isFar ? "co64" : "stco", (chunks.count, offsets))
  }

  private func runs(_ value: (MediaSample) -> UInt32) -> [(count: UInt32, value: UInt32)] {
    var runs: [(count: UInt32, value: UInt32)] = []
    for sample in samples {
      let value = value(sample)
      if let last = runs.last, last.value == value {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((1, value))
      }
    }
    return runs
  }

  private func rows(_ runs: [(count: UInt32, value: UInt32)]) -> (Int, [UInt8]) {
    (runs.count, runs.flatMap { $0.count.bigEndianBytes + $0.value.bigEndianBytes })
  }

  private func table(_ name: String, _ rows: (count: Int, bytes: [UInt8])) -> [UInt8] {
    BoxType(name).box(
      [0, 0, 0, 0] + UInt32(truncatingIfNeeded: rows.count).bigEndianBytes + rows.bytes)
  }
}
