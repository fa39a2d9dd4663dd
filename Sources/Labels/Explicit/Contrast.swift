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

  /// `parts` are those of `PlateCoverage` of each pixel. The ratio between the fully covered ink and the plate pixel nearest to it in tone but for the worst 0.5 %, over
  /// white and over black where the region is not opaque.
  static func measure(_ region: Region, _ parts: ArraySlice<UInt8>) -> Double {
    let backdrops: [Float] = region.alpha == nil ? [1] : [0, 1]
    return backdrops.map { measure(region, parts, backdrop: $0) }.min() ?? .infinity
  }

  private static func measure(_ region: Region, _ parts: ArraySlice<UInt8>, backdrop: Float) -> Double {
    let tones = parts.withUnsafeBufferPointer { parts in
      ToneHistogram.sample(region, backdrops: [backdrop], kinds: 2) { Int(parts[$0]) }
    }
    let (ink, plate) = (tones[0], tones[1])
    guard ink.count > 0, plate.count > 0 else { return .infinity }
    let outliers = Int(Double(plate.count) * Contrast.outliers)
    let rank = ink.median > plate.median ? plate.count - 1 - outliers : outliers
    return ratio(ink.median, plate.value(atRank: rank))
  }
}
