extension WatermarkSearch {
  /// The first change of a lattice, as a share of a tile's side, and how often it is changed.
  private static let coarsestSharpening = 0.002
  private static let sharpenings = 5

  /// `trial` with its lattice stretched, turned and slanted a little as long as its synchronisation stands out more for it.
  func sharpened(_ trial: Trial, _ pyramid: SearchPyramid) -> (Trial, ErrorShare.Fit) {
    let sync = readers[trial.key].sync
    var (best, moves) = (trial, 0)
    var part = Self.coarsestSharpening
    for _ in 0..<Self.sharpenings {
      let from = best
      for move in 0..<ErrorShare.Fit.ways {
        let step = (move % 2 == 0 ? part : -part) * from.lattice.area.squareRoot()
        let lattice = from.lattice.moved(4 + move / 2, by: step)
        let match = sync.best(
          fold(pyramid, lattice), [trial.match.symmetry], trial.match.pattern..<trial.match.pattern + 1)
        if match.score > best.match.score {
          best = Trial(key: trial.key, lattice: lattice, turns: trial.turns, match: match)
        }
      }
      if best.match.score > from.match.score { moves += 1 } else { part /= 2 }
    }
    return (best, .sharpened(rounds: Self.sharpenings, moves: moves))
  }
}
