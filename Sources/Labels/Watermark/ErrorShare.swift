#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// How the probability of an error, bounded over all that a search looks at, is shared out beforehand: what is likely, or tried first, has
/// more of it. Bits are binary logarithms of one over a share, so that shares of shares are added up.
enum ErrorShare {
  /// For marks in place; for messages that are sure whatever was tried; for messages and synchronisation together. They come to 1.
  static let inPlace = 1.0
  static let messageAlone = 3.0
  static let both = log2(8.0 / 3)

  /// 2² patterns of a key.
  static let pattern = 2.0
  /// 2¹² shifts by cells and 2⁴ by quarters of one.
  static let shift = 16.0

  /// A message decoded with the place in the period of signs that has most energy, as it is or inverted: half of all. The other six
  /// decodings have the other half.
  static func decoding(isOfFirstPlace: Bool) -> Double { isOfFirstPlace ? 2 : log2(12) }

  /// How a tile lies in its lattice.
  struct Pose {
    /// Ways it was looked for in, and whether it lies otherwise than it was drawn.
    let turns: Int
    let isTurned: Bool
    let isNegative: Bool
    let fit: Fit

    var bits: Double {
      // Seven eighths for what is usual, one for what is not.
      let (usual, unusual) = (log2(8.0 / 7), 3.0)
      let turn = turns < 2 ? 0 : isTurned ? 1 + log2(Double(turns - 1)) : 1
      return turn + (isNegative ? unusual : usual) + fit.bits
    }
  }

  /// How a map came of its lattice. What is fitted has seen the phases: it is one of many maps that each have a share beforehand.
  enum Fit {
    /// As the lattice was found, without a look at phases.
    case none
    /// By rounds of which some moved it, each by one of `ways`.
    case sharpened(rounds: Int, moves: Int)
    /// By tiles that were followed: `bits` of the map among all that a fit can come to.
    case tracked(bits: Double)

    /// Ways that a round of sharpening can move a lattice.
    static let ways = 8

    var bits: Double {
      switch self {
      case .none: log2(8.0 / 7)
      // Half of each round's share is for no move.
      case .sharpened(let rounds, let moves): 4 + Double(rounds) + Double(moves) * log2(Double(Self.ways))
      case .tracked(let bits): 4 + bits
      }
    }
  }
}

/// Looks of one kind, counted as they are taken.
struct LookCount {
  private(set) var count = 0
  private let usual: Int

  /// `usual` looks have about the same share, those after them less and less.
  init(usual: Int) { self.usual = max(1, usual) }

  mutating func add(_ looks: Int = 1) { count += looks }

  /// Bits of the look that was counted last: with n usual looks the k-th has n / ((n + k - 1)(n + k)) of all, which come to 1 however
  /// many there will be.
  var bits: Double {
    let last = Double(usual + max(1, count))
    return log2((last - 1) * last / Double(usual))
  }
}
