extension WatermarkSearch {
  /// A mark that was read.
  struct Finding {
    /// Which key.
    let key: Int
    let payload: UInt64
    let statistic: Double
    let log10p: Double
    /// How far the synchronisation stood out.
    let sync: Float
    /// Pixels of the searched plane that a tile's sides have.
    let lattice: Lattice
    let isMirrored: Bool
    let isNegative: Bool
  }

  /// What a search ended with.
  struct Outcome {
    var finding: Finding?
    /// Lattices that were tried, and maps of tiles that messages were read from.
    var lattices = LookCount(usual: 32)
    var readings = LookCount(usual: 4)
    /// Looks at lattices in place, which are bounded apart.
    var placedLooks = LookCount(usual: 8)
    /// The strongest synchronisation seen, by any key.
    var strongestSync: Float = 0
    /// The largest statistic of a message that was not accepted.
    var strongestStatistic = 0.0
  }
}
