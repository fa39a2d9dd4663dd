internal import MediaCore

/// The index of hashes that nearly agree: exact within `radius`, for of 16 pieces of two hashes that differ in fewer than 32
/// bits one differs in at most one bit (M. Norouzi, A. Punjani, D. Fleet: Fast search in Hamming space with multi-index
/// hashing, 2012).
enum NearDuplicates {
  /// The distance up to which everything is found.
  static let radius = 2 * PerceptualHash.bandCount - 1

  /// The keys that a record with this hash stands under.
  static func keys(of hash: PerceptualHash?) -> [Int64] {
    (hash?.bands ?? []).enumerated().map { key(band: $0, $1) }
  }

  /// The keys under which everything within `radius` of the hash stands: each piece as it is and with each of its bits
  /// turned.
  static func neighbours(of hash: PerceptualHash) -> [Int64] {
    hash.bands.enumerated().flatMap { band, value in
      [key(band: band, value)] + (0..<16).map { key(band: band, value ^ (1 << UInt16($0))) }
    }
  }

  private static func key(band: Int, _ value: UInt16) -> Int64 { Int64(band) << 16 | Int64(value) }
}
