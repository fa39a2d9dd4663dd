internal import MediaCore

/// The boxes of a file that say something about it; media data is passed over.
struct ISOStructure {
  /// The movie box, in memory.
  let movie: BoxTree
  /// The top-level boxes that may hold metadata, in the order of the file: `uuid`, `meta`, `aigc`.
  let carriers: [TopLevelBox]
  /// The first segment index, if there is one.
  let segmentIndex: TopLevelBox?
  /// Whether samples stand in movie fragments.
  let isFragmented: Bool
  /// Why the file cannot be written anew although it can be read; nil for a whole one.
  let defect: MediaError?
  /// The box that the file ends inside of.
  let cut: TopLevelBox?

  /// Reads the whole of `moov` and the headers of all other boxes. Throws `malformed` for a file without a whole
  /// `moov`, `unsupported` for a compressed one.
  init(_ input: InputFile, limits: Limits) throws(MediaError) {
    var walk = TopLevelBoxes(input)
    var movie: BoxTree?
    var carriers: [TopLevelBox] = []
    var defect: MediaError?
    var index: TopLevelBox?
    var hasFragments = false
    while let box = try walk.next() {
      switch box.type {
      case .moov where movie == nil:
        movie = try Self.movie(box, in: input, limits: limits)
      case .moov:
        defect = MediaError(
          .unsupported, .metadata, "a second 'moov' stands at offset \(box.range.lowerBound)")
      case .moof: hasFragments = true
      case .sidx: index = index ?? box
      case .uuid, .meta, BoxType("aigc"), BoxType("AIGC"):
        guard carriers.count < limits.metadataItems else {
          throw MediaError(
            .limitExceeded, .metadata, "more than \(limits.metadataItems) boxes with metadata in one file")
        }
        carriers.append(box)
      default: break
      }
    }
    guard let movie else { throw Self.noMovie(walk, isSegment: hasFragments, in: input) }
    cut = walk.cut
    if let broken = walk.defect { defect = MediaError(.malformed, .metadata, broken) }
    if let ragged = movie.raggedContainer {
      defect = MediaError(
        .malformed, .metadata,
        "what stands at offset \(movie.base + ragged.content.lowerBound + ragged.filled) in '\(ragged.type)' is no box"
      )
    }
    self.movie = movie
    self.carriers = carriers
    self.defect = defect
    segmentIndex = index
    isFragmented = hasFragments
  }

  private static func movie(
    _ box: TopLevelBox, in input: InputFile, limits: Limits
  ) throws(MediaError) -> BoxTree {
    let tree = try BoxTree(input.whole(box, limits: limits), base: box.range.lowerBound, limits: limits)
    guard tree.child(.cmov, of: 0) == nil else {
      throw MediaError(
        .unsupported, .decode, "the movie box is compressed ('cmov'); remux the file without that")
    }
    return tree
  }

  private static func noMovie(_ walk: TopLevelBoxes, isSegment: Bool, in input: InputFile) -> MediaError {
    if let box = walk.cut {
      return .cut(
        at: input.size,
        inside:
          "box '\(box.type)' at offset \(box.range.lowerBound), behind which its samples are listed ('moov'),",
        endingAt: UInt64(box.range.upperBound), as: nil)
    }
    if isSegment {
      return MediaError(
        .unsupported, .decode, "a media segment without its initialization ('moov'); join them first")
    }
    return MediaError(
      .malformed, .decode, "no 'moov' box is in the file" + (walk.defect.map { ": \($0)" } ?? ""))
  }
}

extension InputFile {
  /// The bytes of a box that is held in memory whole. Throws `malformed` where the file ends before it does.
  func whole(_ box: TopLevelBox, limits: Limits) throws(MediaError) -> [UInt8] {
    guard box.range.upperBound <= size else {
      throw .cut(
        at: size, inside: "box '\(box.type)' at offset \(box.range.lowerBound)",
        endingAt: UInt64(box.range.upperBound), as: nil)
    }
    guard box.range.count <= limits.indexBytes else {
      throw MediaError(
        .limitExceeded, .decode,
        "box '\(box.type)' of \(box.range.count) bytes exceeds the \(limits.indexBytes) allowed")
    }
    let bytes = try read(box.range.count, at: box.range.lowerBound)
    guard bytes.count == box.range.count else {
      throw MediaError(.io, .decode, "file shrank while it was read: box '\(box.type)' is cut")
    }
    return bytes
  }
}
