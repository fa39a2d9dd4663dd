internal import MediaCore

/// The samples that stand in movie fragments (ISO/IEC 14496-12, 8.8), track by track in the order of decoding.
struct MovieFragments {
  /// The samples of one track.
  struct Track {
    let id: UInt32
    /// In the units of the track.
    fileprivate(set) var duration: UInt64 = 0
    fileprivate(set) var samples: [MediaSample] = []
    fileprivate let defaults: Defaults
  }

  /// What `trex` and `tfhd` say of samples that say nothing themselves (8.8.3, 8.8.7).
  fileprivate struct Defaults {
    var entry = 0
    var duration = 0
    var size = 0
    var flags: UInt64 = 0
  }

  /// Bytes that a sample takes in memory here and in its tables.
  private static let sampleBytes = 128

  private(set) var tracks: [Track] = []
  /// Where the boxes begin that say something of fragments only.
  private(set) var boxes: [Int] = []
  private var hasGroups = false
  private var left: Int

  /// Reads all fragments. Throws `malformed` for those that contradict one another, `unsupported` for encrypted ones and
  /// for times that begin anywhere but at zero.
  init(_ structure: ISOStructure, in input: InputFile, limits: Limits) throws(MediaError) {
    left = limits.indexBytes / Self.sampleBytes
    let tree = structure.movie
    for trak in tree.children(of: 0) where tree.boxes[trak].type == .trak {
      let id = MovieTrack(trak, of: tree).id ?? 0
      tracks.append(Track(id: id, defaults: try Self.defaults(of: id, in: tree)))
      var own = try SampleTable(trak, of: tree, fileSize: input.size).samples
      while let sample = try own.next() { try add(sample, to: tracks.count - 1) }
    }
    var walk = TopLevelBoxes(input)
    while let box = try walk.next() {
      switch box.type {
      case .moof:
        try read(BoxTree(input.whole(box, limits: limits), base: box.range.lowerBound, limits: limits))
        boxes.append(box.range.lowerBound)
      case .sidx, .mfra: boxes.append(box.range.lowerBound)
      default: break
      }
    }
  }

  /// What a person should know of a file whose fragments are joined.
  var notes: [String] {
    ["the movie fragments were joined: one index stands in front of the media"]
      + (hasGroups ? ["what the fragments say of groups of samples was left out"] : [])
  }

  /// Seconds of the longest track.
  func seconds(in movie: BoxTree) -> Double? {
    let traks = movie.children(of: 0).filter { movie.boxes[$0].type == .trak }
    return zip(traks, tracks).compactMap { trak, track in
      let scale = MovieTrack(trak, of: movie).timescale
      return scale > 0 && track.duration > 0 ? Double(track.duration) / Double(scale) : nil
    }.max()
  }

  private static func defaults(of id: UInt32, in tree: BoxTree) throws(MediaError) -> Defaults {
    guard let mvex = tree.child(BoxType("mvex"), of: 0) else { return Defaults() }
    for trex in tree.children(of: mvex) where tree.boxes[trex].type == BoxType("trex") {
      var fields = BoxFields(tree, trex)
      try fields.skip(4)
      guard try fields.next(4) == UInt64(id) else { continue }
      return Defaults(
        entry: max(0, Int(try fields.next(4)) - 1), duration: Int(try fields.next(4)),
        size: Int(try fields.next(4)), flags: try fields.next(4))
    }
    return Defaults()
  }

  private mutating func add(_ sample: MediaSample, to track: Int) throws(MediaError) {
    left -= 1
    guard left >= 0 else {
      throw MediaError(.limitExceeded, .decode, "the fragments have more samples than are held in memory")
    }
    tracks[track].samples.append(sample)
    let (time, isTooFar) = tracks[track].duration.addingReportingOverflow(UInt64(sample.duration))
    guard !isTooFar, time < 1 << 62 else {
      throw MediaError(.malformed, .decode, "the times of a track go beyond all bounds")
    }
    tracks[track].duration = time
  }
}

// One fragment.
extension MovieFragments {
  /// Where the data of the next run begins when nothing says so.
  private struct Place {
    let fragment: Int
    var next: Int
  }

  private mutating func read(_ tree: BoxTree) throws(MediaError) {
    var place = Place(fragment: tree.base, next: tree.base)
    for traf in tree.children(of: 0) where tree.boxes[traf].type == BoxType("traf") {
      guard let tfhd = tree.child(BoxType("tfhd"), of: traf) else {
        throw MediaError(.malformed, .decode, "a track fragment at offset \(tree.base) has no 'tfhd'")
      }
      var fields = BoxFields(tree, tfhd)
      let flags = try fields.next(4)
      let id = UInt32(truncatingIfNeeded: try fields.next(4))
      guard let index = tracks.firstIndex(where: { $0.id == id }) else {
        throw MediaError(
          .malformed, .decode, "the fragment at offset \(tree.base) is of track \(id), which is not in 'moov'"
        )
      }
      var defaults = tracks[index].defaults
      if flags & 1 != 0 {
        guard let base = Int(exactly: try fields.next(8)) else { throw Self.far(tree) }
        place.next = base
      } else if flags & 0x2_0000 != 0 {
        place.next = tree.base
      }
      let base = place.next
      if flags & 2 != 0 { defaults.entry = max(0, Int(try fields.next(4)) - 1) }
      if flags & 8 != 0 { defaults.duration = Int(try fields.next(4)) }
      if flags & 16 != 0 { defaults.size = Int(try fields.next(4)) }
      if flags & 32 != 0 { defaults.flags = try fields.next(4) }
      for child in tree.children(of: traf) {
        switch tree.boxes[child].type.description {
        case "tfdt": try readTime(child, tree, track: index)
        case "trun": try readRun(child, tree, track: index, defaults, base: base, &place)
        case "sbgp", "sgpd", "sdtp": hasGroups = true
        case "senc", "saiz", "saio", "subs", "uuid":
          throw MediaError(
            .unsupported, .encode,
            "box '\(tree.boxes[child].type)' of a fragment describes samples in a way that joining them would lose"
          )
        default: break
        }
      }
    }
  }

  private static func far(_ tree: BoxTree) -> MediaError {
    MediaError(.malformed, .decode, "the fragment at offset \(tree.base) has its data out of the file")
  }

  /// The time at which a fragment of a track begins (8.8.12): a gap makes the sample in front of it longer.
  private mutating func readTime(_ box: Int, _ tree: BoxTree, track: Int) throws(MediaError) {
    var fields = BoxFields(tree, box)
    let isLong = try fields.next(1) == 1
    try fields.skip(3)
    let time = try fields.next(isLong ? 8 : 4)
    let end = tracks[track].duration
    if time == end { return }
    guard time > end, let last = tracks[track].samples.last, time - end < 1 << 31 else {
      throw MediaError(
        .unsupported, .decode,
        "a fragment begins at time \(time) of its track, the samples in front of it end at \(end); remux the file first"
      )
    }
    let count = tracks[track].samples.count
    tracks[track].samples[count - 1] = MediaSample(
      offset: last.offset, size: last.size, decodeTime: last.decodeTime,
      compositionOffset: last.compositionOffset, duration: last.duration + Int(time - end),
      isSync: last.isSync,
      entry: last.entry)
    tracks[track].duration = time
  }

  private mutating func readRun(
    _ box: Int, _ tree: BoxTree, track: Int, _ defaults: Defaults, base: Int, _ place: inout Place
  ) throws(MediaError) {
    var fields = BoxFields(tree, box)
    let version = try fields.next(1)
    let flags = try fields.next(3)
    let count = Int(try fields.next(4))
    if flags & 1 != 0 {
      let (start, isTooFar) = base.addingReportingOverflow(Int(Int32(truncatingIfNeeded: try fields.next(4))))
      guard !isTooFar, start >= 0 else { throw Self.far(tree) }
      place.next = start
    }
    let first = flags & 4 != 0 ? try fields.next(4) : nil
    for index in 0..<count {
      let duration = flags & 0x100 != 0 ? Int(try fields.next(4)) : defaults.duration
      let size = flags & 0x200 != 0 ? Int(try fields.next(4)) : defaults.size
      let own = flags & 0x400 != 0 ? try fields.next(4) : defaults.flags
      let shift = flags & 0x800 != 0 ? try fields.next(4) : 0
      guard version <= 1 else {
        throw MediaError(.unsupported, .decode, "box 'trun' has version \(version)")
      }
      let (end, isTooFar) = place.next.addingReportingOverflow(size)
      guard !isTooFar else { throw Self.far(tree) }
      let isSync = (index == 0 ? first ?? own : own) & 0x1_0000 == 0
      try add(
        MediaSample(
          offset: place.next, size: size, decodeTime: Int64(tracks[track].duration),
          compositionOffset: Int(Int32(truncatingIfNeeded: shift)), duration: duration, isSync: isSync,
          entry: defaults.entry), to: track)
      place.next = end
    }
  }
}
