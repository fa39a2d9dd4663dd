#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// How far chance is ruled out for a message in sound.
///
/// The masks of a message's 256 bits and the chips of all tiles are fair coins, independent of each other and of the places of tiles, to
/// sound that knows nothing of the key. Two steps bound what they do by chance, in a file of any length:
///
/// *Given synchronisation*, all that is decoded is fixed but for the masks and the chips of the message, whatever it was chosen by. A decoding n of
/// weight wₙ, which may depend on synchronisation, reaches 2ᴷ exp(tail) ≤ p wₙ for any of 2ᴷ messages with a probability of p wₙ
/// at most; any decoding at all does with Σ wₙ p.
///
/// *On average over synchronisation*, Σ wₙ must come to 1 at most. A place j, one of all that could be decoded, has a share πⱼ laid down
/// beforehand, Σ πⱼ ≤ 1, and an evidence Sⱼ of synchronisation with a mean of 1 (`SoundSums.evidence`), and so may weigh πⱼ Sⱼ. The n-th
/// decoding of all may weigh 1 / (n (n + 1)) as well. Weights are a mean of both.
///
/// So p = 2ᴷ exp(tail) / wₙ is passed by any decoding with a probability of p at most: nothing is left to be counted, and the sum of
/// two logarithms needs no factor.
enum SoundDecision {
  /// What a place is looked at as.
  enum Look {
    /// Sound that was neither stretched nor shifted.
    case unchanged
    /// One of the geometries searched.
    case changed
    /// The same, where a mark was found before.
    case known
    /// The sum of windows.
    case together
  }

  /// The largest probability that a message which is read in one window alone is believed with of being another than the one that was put in.
  static let largestDoubt = 1e-3

  /// Part of the weight that goes by synchronisation; the rest goes by number.
  private static let bySync = 0.75
  /// Parts of a window's share.
  private static let unchanged = 8.0 / 15
  private static let changed = 6.0 / 15
  private static let known = 1.0 / 15
  /// Part of the file's share that all windows together have, and the sum of windows.
  private static let windows = 15.0 / 16
  private static let together = 1.0 / 16
  /// Parts of the weight that the ways to judge the message at a place have: by the sums of bits, with weights of bands or without; by
  /// tiles; by tiles of weighted bands.
  static let byBits = 0.2
  static let byTiles = 0.2
  static let byWeightedTiles = 0.4
  /// Lengths of message at a place.
  private static let lengths = 2.0

  /// πⱼ of the period's beginning in row `offset` of 53 with tiles that begin with spectrum `phase` of six, in window number `window` (0 … ; nil for the only
  /// one); `isAligned` where row 0 is the sound's own beginning of a period.
  static func share(_ look: Look, window: Int?, offset: Int, phase: Int, isAligned: Bool) -> Double {
    let number = Double((window ?? 0) + 1)
    let ofWindow = windows * (window == nil ? 1 : 1 / (number * (number + 1)))
    let geometries = Double(WindowSearch.geometryCount)
    let part =
      switch look {
      case .unchanged: ofWindow * unchanged
      case .changed: ofWindow * changed / geometries
      case .known: ofWindow * known / geometries
      case .together: together
      }
    let places = look == .changed ? ofFewPhases : ofPhases
    return part * places.share(offset, phase, isAligned: isAligned) / lengths
  }

  private static let ofPhases = SoundPlaces(WindowSearch.phases)
  private static let ofFewPhases = SoundPlaces(WindowSearch.fewPhases)

  /// The natural logarithm of Σ wₖ exp(xₖ Σ s v) / Π cosh(xₖ v) over values v with signs s. With signs of fair coins the mean of each term is wₖ, so
  /// that of the sum is 1, whatever the values are: it is an *e-value* (Vovk and Wang 2021). Where a = Σ s v / √Σ v² is 3 to 8 the logarithm is
  /// some 0.5 to 1.5 less than a² / 2.
  static func evidence(_ values: [Float], _ signs: [Float]) -> Double {
    var (sum, power): (Double, Double) = (0, 0)
    for (value, sign) in zip(values, signs) {
      sum += Double(value * sign)
      power += Double(value * value)
    }
    guard power > 0 else { return 0 }
    let terms = expected.map { deviations, weight -> Double in
      let x = deviations / power.squareRoot()
      return values.reduce(log(weight) + x * sum) { $0 - logCosh(x * Double(abs($1))) }
    }
    let most = terms.max() ?? 0
    return most + log(terms.reduce(0) { $0 + exp($1 - most) })
  }

  /// The a that are expected of a mark that is hard to read, and the weight of each; 1 together.
  private static let expected: [(deviations: Double, weight: Double)] = [(3, 0.25), (4.5, 0.5), (7, 0.25)]

  /// ln cosh of a value that is not negative.
  private static func logCosh(_ value: Double) -> Double { value + log((1 + exp(-2 * value)) / 2) }

  /// The bound as a decimal logarithm, at most 0: `tail` of the message (natural logarithm), of `payloadBits`, at a place of `share` with
  /// `evidence` (natural logarithm), as decoding number `decodings` of all.
  static func log10p(_ tail: Double, payloadBits: Int, share: Double, evidence: Double, decodings: Int)
    -> Double
  {
    guard tail < 0 else { return 0 }
    let number = Double(max(1, decodings))
    let sync = log(bySync * share) + evidence
    let plain = log((1 - bySync) / (number * (number + 1)))
    let weight = max(sync, plain) + log(1 + exp(-abs(sync - plain)))
    return min(0, Double(payloadBits) * log10(2.0) + (tail - weight) / log(10))
  }
}
