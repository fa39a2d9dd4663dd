internal import CSignal

/// How strongly the mark is drawn in blue as well, where luma alone would not outlast a codec: quantisers take what is faint in
/// flat places of the luma to nothing, but leave what is broad in chroma.
struct BlueMark {
  /// Of each cell, the standard deviation in the blue channel of a copy whose share is 1, grey levels.
  let gain: [Float]
  /// Of each copy.
  let shares: [Float]
  /// Of each cell, what makes room below the largest value and above nothing.
  let shift: [Float]

  /// Pixels of a picture for each of the plane that blue is looked for in, over those of luma's: only flat pictures have it,
  /// whose cells are as much wider.
  static let reduction = 2
  /// What green changes by, for each that blue does, so that the luma stays (BT.601).
  static let green: Float = -0.114 / 0.587

  /// Standard deviations of copies, relative to that of one: where there are two, the narrow and the wide one.
  static func shares(_ copies: Int) -> [Float] { copies < 2 ? [1] : [0.75, 1] }

  /// Standard deviation in blue at most, and the least that is worth drawing.
  private static let strongest = 2.0
  private static let weakest = 1.2
  /// Mean square error over the channels that luma and blue may come to: that of 42.2 dB.
  private static let largestError = 255.0 * 255 / 16596
  /// Standard deviations for which there must be room below the largest value.
  private static let headroom: Float = 0.3

  /// Shares of the strength where it is nearly black, for squares show where all around is dark, and from `bright` on.
  private static let inDark: Float = 0.3
  private static let inLight: Float = 0.9
  private static let bright: Float = 90
  /// The luma up to which it is black. There all of it is drawn, and lifted by so many standard deviations that little is cut off at
  /// nothing: light is in proportion to the blue that is left, 4 of 255 being a 10,000th of white's, and codecs take what luma is as
  /// dark to nothing.
  static let black: Float = 2
  private static let lift: Float = 0.4

  /// The copies for a picture of `map` whose luma is marked by `strength`; nil where they would show.
  init?(_ map: ActivityMap, _ strength: EmbeddingStrength, copies: Int) {
    shares = Self.shares(copies)
    let power = Double(shares.reduce(0) { $0 + $1 * $1 })
    let luma =
      CellSums.products(strength.gain, strength.gain) + CellSums.products(strength.shift, strength.shift)
    let cells = max(1, map.shownCells)
    // What a unit in blue adds to the mean over the channels. Only a cell that is nearly white is known to be near the largest blue.
    let shifts =
      Double(Self.headroom * Self.headroom) * map.share(above: 253)
      + Double(Self.lift * Self.lift) * map.share(below: Self.black)
    let unit = power * (Double(1 + Self.green * Self.green) + shifts) / 3
    let drawn = min(
      Self.strongest, (max(0, Self.largestError - luma / cells) / unit).squareRoot())
    guard drawn >= Self.weakest else { return nil }
    let deviation = Float(drawn) * Float(power.squareRoot())
    var strength = tm_blue_strength(
      black: Self.black, bright: Self.bright, in_dark: Self.inDark, in_light: Self.inLight,
      strength: Float(drawn), room: Self.headroom * deviation, lift: Self.lift * deviation)
    let mean = map.mean
    (gain, shift) = CellSums.values(mean.count) { tm_cells_blue(mean, Int32(mean.count), &strength, $0, $1) }
  }
}
