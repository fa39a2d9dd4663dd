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
    var worst = Double.infinity
    for backdrop in backdrops {
      let tone = DisplayedTone.luminance(region, backdrop: backdrop)
      worst = min(worst, measure(tone, coverage))
    }
    return worst
  }

  private static func measure(_ tone: [Float], _ coverage: PlateCoverage) -> Double {
    // Small print has no fully covered pixel; its strongest ones are what carries the strokes then.
    let strongest = coverage.ink.max() ?? 0
    let core = strongest - strongest / 16
    var ink: [Float] = []
    var plate: [Float] = []
    for index in tone.indices where coverage.plate[index] == 255 {
      if coverage.ink[index] >= core {
        ink.append(tone[index])
      } else if coverage.ink[index] == 0 {
        plate.append(tone[index])
      }
    }
    guard !ink.isEmpty, !plate.isEmpty else { return .infinity }
    let middle = Selection.value(atRank: ink.count / 2, of: &ink)
    let outliers = Int(Double(plate.count) * Contrast.outliers)
    let isLightInk = middle > Selection.value(atRank: plate.count / 2, of: &plate)
    let rank = isLightInk ? plate.count - 1 - outliers : outliers
    return ratio(middle, Selection.value(atRank: rank, of: &plate))
  }
}
