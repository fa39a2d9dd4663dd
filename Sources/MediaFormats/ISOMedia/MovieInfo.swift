internal import MediaCore

/// One `trak` of a movie box.
struct MovieTrack {
  /// Its index in the tree.
  let index: Int
  /// `track_ID`; nil where `tkhd` is cut.
  let id: UInt32?
  /// `vide`, `soun`, `text` …
  let handler: BoxType?
  /// Units of its samples a second.
  let timescale: UInt32
  /// Duration in units of `timescale`; nil for an unknown one.
  let duration: UInt64?
  /// How it is coded.
  let entries: [SampleEntry]
  /// Orientation by the matrix of `tkhd`.
  let orientation: Orientation
  /// Whether players show it (`tkhd`, flag 1).
  let isEnabled: Bool

  init(_ index: Int, of tree: BoxTree) {
    self.index = index
    let header = tree.descendant("tkhd", of: index)
    let time = tree.descendant("mdia/mdhd", of: index).flatMap { MediaTime($0, of: tree) }
    id = header.flatMap { tree.number(4, at: tree.time($0).identifier, in: $0) }.map {
      UInt32(truncatingIfNeeded: $0)
    }
    isEnabled =
      header.flatMap { tree.number(4, at: tree.boxes[$0].content.lowerBound, in: $0) }.map { $0 & 1 == 1 }
      ?? false
    orientation = header.flatMap { Self.orientation($0, of: tree) } ?? .up
    handler = tree.descendant("mdia", of: index).flatMap { tree.handler(of: $0) }
    timescale = time?.scale ?? 0
    duration = time?.duration
    entries =
      tree.descendant("mdia/minf/stbl/stsd", of: index).map { SampleEntry.all(in: tree, of: $0) } ?? []
  }

  /// As a report shows it. What another track uses for its chapters, words or pictures, is no film and no subtitle.
  func described(isChapters: Bool) -> MediaTrack {
    let codec = entries.first?.codec.description ?? "none"
    switch handler?.description {
    case "vide" where !isChapters:
      return MediaTrack(
        kind: .video, codec: codec, size: entries.first?.size ?? PixelSize(width: 0, height: 0))
    case "soun":
      let rate = entries.first?.sampleRate ?? 0
      return MediaTrack(
        kind: .audio, codec: codec.hasPrefix("ms") ? SoundName.of(codec) : codec,
        sampleRate: rate > 0 ? rate : Int(timescale),
        channels: entries.first?.channels ?? 0)
    case "text" where !isChapters, "sbtl", "subt", "clcp": return MediaTrack(kind: .subtitle, codec: codec)
    default: return MediaTrack(kind: .data, codec: codec)
    }
  }

  /// Which tracks are the chapters of others (`tref` with a `chap`).
  static func chapterTracks(in tree: BoxTree, of traks: [Int]) -> Set<UInt32> {
    var result: Set<UInt32> = []
    for trak in traks {
      guard let tref = tree.child(BoxType("tref"), of: trak) else { continue }
      var offset = tree.boxes[tref].content.lowerBound
      while let size = tree.number(4, at: offset, in: tref).flatMap({ Int(exactly: $0) }), size >= 8 {
        if tree.number(4, at: offset + 4, in: tref) == UInt64(BoxType("chap").rawValue) {
          for place in stride(from: offset + 8, to: offset + size, by: 4) {
            guard let id = tree.number(4, at: place, in: tref) else { break }
            result.insert(UInt32(truncatingIfNeeded: id))
          }
        }
        offset += size
      }
    }
    return result
  }

  /// What the signs of the matrix (8.3.2; a, b, c, d of a row vector) make of the stored picture.
  private static func orientation(_ header: Int, of tree: BoxTree) -> Orientation? {
    let start = tree.time(header).matrix
    let values = [0, 4, 12, 16].map { tree.number(4, at: start + $0, in: header) }
    let signs = values.map { Int32(truncatingIfNeeded: $0 ?? 0).signum() }
    switch (signs[0], signs[1], signs[2], signs[3]) {
    case (1, 0, 0, 1): return .up
    case (-1, 0, 0, 1): return .upMirrored
    case (-1, 0, 0, -1): return .down
    case (1, 0, 0, -1): return .downMirrored
    case (0, 1, 1, 0): return .leftMirrored
    case (0, 1, -1, 0): return .right
    case (0, -1, -1, 0): return .rightMirrored
    case (0, -1, 1, 0): return .left
    default: return nil
    }
  }
}

/// Units a second and duration, as `mvhd` and `mdhd` hold them.
struct MediaTime {
  let scale: UInt32
  /// Nil for an unknown one (all ones) and for none.
  let duration: UInt64?
  var seconds: Double? { duration.flatMap { scale > 0 ? Double($0) / Double(scale) : nil } }

  init?(_ index: Int, of tree: BoxTree) {
    let start = tree.boxes[index].content.lowerBound
    let isLong = tree.number(1, at: start, in: index) == 1
    guard let scale = tree.number(4, at: start + (isLong ? 20 : 12), in: index),
      let duration = tree.number(isLong ? 8 : 4, at: start + (isLong ? 24 : 16), in: index)
    else { return nil }
    self.scale = UInt32(truncatingIfNeeded: scale)
    let unknown = isLong ? UInt64.max : UInt64(UInt32.max)
    self.duration = duration == 0 || duration == unknown ? nil : duration
  }
}

extension BoxTree {
  /// Where a `tkhd` has what: version 1 has three longer fields.
  fileprivate func time(_ index: Int) -> (identifier: Int, matrix: Int) {
    let start = boxes[index].content.lowerBound
    let isLong = number(1, at: start, in: index) == 1
    return (start + (isLong ? 20 : 12), start + (isLong ? 52 : 40))
  }
}

extension MediaInfo {
  /// What the movie box says. It is a film when it has a video track that is not the chapters of another.
  init(_ structure: ISOStructure, in input: InputFile, format: FormatID, limits: Limits) throws(MediaError) {
    let tree = structure.movie
    let traks = tree.children(of: 0).filter { tree.boxes[$0].type == .trak }
    let chapters = MovieTrack.chapterTracks(in: tree, of: traks)
    let tracks = traks.map { MovieTrack($0, of: tree) }
    let described = tracks.map { track in
      track.described(isChapters: track.id.map(chapters.contains) ?? false)
    }
    let picture = described.firstIndex { $0.kind == .video }
    let entry =
      picture.map { tracks[$0].entries.first }
      ?? tracks.first { $0.handler == BoxType("soun") }?.entries.first
    let depth = picture == nil ? entry.map(\.bitsPerSample) : entry?.bitDepth
    var duration = tree.child(BoxType("mvhd"), of: 0).flatMap { MediaTime($0, of: tree) }?.seconds
    // What the movie header says does not count fragments.
    if duration == nil || structure.isFragmented {
      duration = try structure.fragmentedDuration(in: input, limits: limits) ?? duration
    }
    self.init(
      format: format, kind: picture == nil ? .audio : .video, duration: duration, tracks: described,
      orientation: picture.map { tracks[$0].orientation } ?? .up,
      bitDepth: depth.flatMap { $0 > 0 ? $0 : nil } ?? 8)
    if let aspect = picture.flatMap({ tracks[$0].entries.first?.pixelAspect }) { pixelAspect = aspect }
  }
}
