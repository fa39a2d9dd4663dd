internal import MediaCore

/// The contrast ratio of WCAG 2: (L1 + 0.05) / (L2 + 0.05).
enum Contrast {
  /// What readable text needs (WCAG 2.2, 1.4.3).
  static let readable = 4.5
  /// What is aimed at before a lossy coder has its way with the samples.
  static let aim = 5.6
  /// The share of the plate's pixels that may be worse than what is measured.
  static let outliers = 0.005

  static func ratio(_ a: Float, _ b: Float) -> Double {
    Double((max(a, b) + 0.05) / (min(a, b) + 0.05))
  }

  /// The ratio between the fully covered ink and the plate pixel nearest to it in tone but for the worst 0.5 %, over
  /// white and over black where the region is not opaque.
  static func measure(_ region: Region, _ coverage: PlateCoverage) -> Double {
    let backdrops: [Float] = region.alpha == nil ? [1] : [0, 1]
    return backdrops.map { measure(region, coverage, backdrop: $0) }.min() ?? .infinity
  }

  private static func measure(_ region: Region, _ coverage: PlateCoverage, backdrop: Float) -> Double {
    // Small print has no fully covered pixel; its strongest ones are what carries the strokes then.
    let core = coverage.strongestInk - coverage.strongestInk / 16
    let tones = coverage.plate.withUnsafeBufferPointer { plates in
      coverage.ink.withUnsafeBufferPointer { inks in
        ToneHistogram.sample(region, backdrops: [backdrop], kinds: 2) { index in
          plates[index] < 255 ? -1 : inks[index] >= core ? 0 : inks[index] == 0 ? 1 : -1
        }
      }
    }
    let (ink, plate) = (tones[0], tones[1])
    guard ink.count > 0, plate.count > 0 else { return .infinity }
    let outliers = Int(Double(plate.count) * Contrast.outliers)
    let rank = ink.median > plate.median ? plate.count - 1 - outliers : outliers
    return ratio(ink.median, plate.value(atRank: rank))
  }
}
