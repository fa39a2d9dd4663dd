internal import MediaCore

/// The samples of a file: its movie box with those of movie fragments in its tables.
struct ISOFilm {
  let movie: BoxTree
  /// Nil for a file without.
  let fragments: MovieFragments?

  init(_ structure: ISOStructure, in input: InputFile, limits: Limits) throws(MediaError) {
    guard structure.isFragmented else {
      movie = structure.movie
      fragments = nil
      return
    }
    let fragments = try MovieFragments(structure, in: input, limits: limits)
    let base = structure.movie.base
    movie = try BoxTree(
      fragments.joined(to: structure.movie.bytes, base: base, limits: limits), base: base, limits: limits)
    self.fragments = fragments
  }

  /// The boxes of tracks.
  var traks: [Int] { movie.children(of: 0).filter { movie.boxes[$0].type == .trak } }
}

/// One part of a file coded anew.
struct ISORecodedPart {
  /// Nil where nothing had to be.
  let tables: (any ISORecodedTables)?
  var coding: CodingPlan
  var notes: [String] = []
}
