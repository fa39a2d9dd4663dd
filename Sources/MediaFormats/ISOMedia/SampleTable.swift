internal import MediaCore

/// One sample of a track as its tables describe it.
struct MediaSample: Sendable, Hashable {
  /// Where its bytes begin in the file.
  let offset: Int
  /// Bytes.
  let size: Int
  /// When it is decoded, in units of the track's timescale, without the edit list.
  let decodeTime: Int64
  /// What is added to `decodeTime` for the time of its presentation.
  let compositionOffset: Int
  /// Units until the next sample is decoded.
  let duration: Int
  /// Whether decoding can begin with it (`stss`; every sample of a track without one).
  let isSync: Bool
  /// Which of the track's entries describes it, counted from zero.
  let entry: Int
}

/// One line of an edit list (ISO/IEC 14496-12, 8.6.6).
struct EditListEntry: Sendable, Hashable {
  /// How long it is shown, in units of the movie's timescale.
  let duration: UInt64
  /// From which time of the track on, in units of its own timescale; -1 for nothing at all.
  let mediaTime: Int64
  /// Speed, 16.16; one is 0x10000.
  let rate: Int32
}

/// The tables of a track (`stbl`) as samples: what a re-encoding of some of them needs to know of all. Samples in movie
/// fragments are not in these tables. Nothing is unrolled, so that a table takes the memory of its box however many
/// samples it claims.
struct SampleTable {
  /// Units a second of the track's times.
  let timescale: UInt32
  /// Units a second of the durations in the edit list.
  let movieTimescale: UInt32
  /// The edit list; empty for a track that is shown as it is.
  let edits: [EditListEntry]
  /// The sample descriptions as stored.
  let entries: [SampleEntry]
  /// Samples of the track.
  let count: Int

  let sizes: SampleSizes
  let durations: RunTable
  let compositions: RunTable?
  let chunks: RunTable
  let offsets: NumberTable
  let syncs: NumberTable?
  let fileSize: Int

  /// The tables of box `trak` in a movie box. Throws `malformed` for tables that are missing, cut or larger than what
  /// the file can hold, `unsupported` for samples in another file.
  init(_ trak: Int, of tree: BoxTree, fileSize: Int) throws(MediaError) {
    let track = MovieTrack(trak, of: tree)
    guard try DataReferences(trak, of: tree).isOwn() else {
      throw MediaError(.unsupported, .decode, "the samples of a track are in another file")
    }
    guard let stbl = tree.descendant("mdia/minf/stbl", of: trak) else {
      throw MediaError(.malformed, .decode, "a track has no 'stbl'")
    }
    timescale = track.timescale
    movieTimescale = tree.child(BoxType("mvhd"), of: 0).flatMap { MediaTime($0, of: tree) }?.scale ?? 0
    edits = try Self.edits(of: trak, in: tree)
    entries = track.entries
    sizes = try SampleSizes(stbl, of: tree)
    count = sizes.count
    durations = try RunTable("stts", columns: 2, of: stbl, in: tree)
    compositions = try RunTable(optional: "ctts", columns: 2, of: stbl, in: tree)
    chunks = try RunTable("stsc", columns: 3, of: stbl, in: tree)
    if let long = try NumberTable("co64", width: 8, of: stbl, in: tree) {
      offsets = long
    } else if let short = try NumberTable("stco", width: 4, of: stbl, in: tree) {
      offsets = short
    } else {
      offsets = NumberTable()
    }
    syncs = try NumberTable("stss", width: 4, of: stbl, in: tree)
    self.fileSize = fileSize
    // Only a table of one size can claim more samples than it has bytes for.
    guard sizes.uniform == 0 || count <= fileSize / sizes.uniform else {
      throw MediaError(
        .malformed, .decode,
        "\(count) samples of \(sizes.uniform) bytes do not fit into a file of \(fileSize)")
    }
  }

  /// The samples in the order of decoding.
  var samples: SampleIterator { SampleIterator(self) }

  /// All samples in memory. Throws `limitExceeded` for more than the index of a file may take.
  func held(within limits: Limits) throws(MediaError) -> [VideoSample] {
    guard count <= limits.indexBytes / MemoryLayout<VideoSample>.stride else {
      throw MediaError(.limitExceeded, .decode, "\(count) samples are more than are held in memory")
    }
    var held: [VideoSample] = []
    held.reserveCapacity(count)
    var iterator = samples
    while let sample = try iterator.next() {
      held.append(
        VideoSample(
          offset: sample.offset, size: sample.size, dts: sample.decodeTime,
          pts: sample.decodeTime &+ Int64(sample.compositionOffset), isSync: sample.isSync))
    }
    return held
  }

  private static func edits(of trak: Int, in tree: BoxTree) throws(MediaError) -> [EditListEntry] {
    guard let elst = tree.descendant("edts/elst", of: trak) else { return [] }
    var fields = BoxFields(tree, elst)
    let isLong = try fields.next(1) == 1
    try fields.skip(3)
    var edits: [EditListEntry] = []
    for _ in 0..<(try fields.next(4)) {
      let duration = try fields.next(isLong ? 8 : 4)
      let time = try fields.next(isLong ? 8 : 4)
      edits.append(
        EditListEntry(
          duration: duration,
          mediaTime: isLong ? Int64(bitPattern: time) : Int64(Int32(truncatingIfNeeded: time)),
          rate: Int32(truncatingIfNeeded: try fields.next(4))))
    }
    return edits
  }
}
