/// What tiles of one stretch of sound are judged against.
struct TileReference {
  /// The level that 98 of 100 tiles do not reach.
  let loud: Float
  /// By band, the level that only a tenth of its tiles is below: where noise was added, that of the noise.
  let floors: [Float]

  /// The part of a band's tiles below its floor.
  private static let part = 10

  /// `loud` nil takes it from `levels`.
  init(_ levels: TileLevels, loud: Float? = nil) {
    let bands = SoundTiles.bands
    self.loud = loud ?? TileLevels.loud(levels.values)
    floors = (0..<bands).map { band in
      let own = (0..<levels.count).map { levels.values[$0 * bands + band] }.sorted()
      return own.isEmpty ? 0 : own[own.count / Self.part]
    }
  }
}
