/// Where a period may begin, and the share of each place: nothing, less than a tile, or anything may have been cut from or put in front of the
/// sound since it was marked, a third each, shared out evenly.
struct SoundPlaces {
  /// Places within so many spectra of where the period began.
  private let near: [(spectra: Int, count: Int)]
  private let count: Int

  /// Tiles that begin with one of the spectra `phases` of six.
  init(_ phases: [Int]) {
    count = phases.count * SoundTiles.period
    near = [1, SoundTiles.hops].map { spectra in
      let counts = (0..<SoundTiles.period).map { offset in
        phases.filter { Self.distance(offset, $0) <= spectra }.count
      }
      return (spectra, counts.reduce(0, +))
    }
  }

  /// The share of a period that begins in row `offset` of tiles that begin with spectrum `phase`; `isAligned` where row 0 is the sound's own
  /// beginning of a period, without which all places are alike.
  func share(_ offset: Int, _ phase: Int, isAligned: Bool) -> Double {
    let anywhere = 1 / Double(count)
    guard isAligned else { return anywhere }
    let distance = Self.distance(offset, phase)
    return near.reduce(anywhere) { $0 + (distance <= $1.spectra ? 1 / Double($1.count) : 0) } / 3
  }

  private static func distance(_ offset: Int, _ phase: Int) -> Int {
    let late = offset * SoundTiles.hops + phase
    return min(late, SoundTiles.period * SoundTiles.hops - late)
  }
}
