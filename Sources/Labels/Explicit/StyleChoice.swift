internal import MediaCore

/// Picks plate, ink and opacity from what lies under the label: the pair that hides least of the picture.
struct StyleChoice {
  private let region: Region
  private let coverage: PlateCoverage
  private let least: Double
  private let darkest: Float
  private let lightest: Float

  /// Below this a plate looks like an accident of the picture.
  private static let leastOpacity = 0.42
  /// Over transparency the plate carries the label alone, whatever page it is put on.
  private static let leastOverTransparency = 0.92
  /// How much more of the picture the dark plate may hide before the light one is taken.
  private static let preferenceForDark = 0.08

  /// Looks at what lies under the plate.
  init(_ region: Region, _ coverage: PlateCoverage) {
    self.region = region
    self.coverage = coverage
    let tones = coverage.plate.withUnsafeBufferPointer { plate in
      ToneHistogram.sample(region, backdrops: region.alpha == nil ? [1] : [0, 1], kinds: 1) { index in
        plate[index] > 0 ? 0 : 1
      }[0]
    }
    let outliers = Int(Double(tones.count) * Contrast.outliers)
    darkest = tones.count == 0 ? 0 : tones.value(atRank: outliers)
    lightest = tones.count == 0 ? 1 : tones.value(atRank: tones.count - 1 - outliers)
    least = Self.leastOpacity(region, coverage, spread: tones.spread)
  }

  /// The region with the label in the style that needs the lower opacity for the contrast aimed at.
  func blended() -> Region {
    let dark = opacity(.dark)
    let light = opacity(.light)
    var style =
      dark <= light + Self.preferenceForDark
      ? LabelStyle.dark.with(opacity: dark) : LabelStyle.light.with(opacity: light)
    // The estimate blends greys; saturated colours and process inks blend a little differently.
    while true {
      let result = RegionBlend.blend(region, coverage, style)
      if style.opacity >= 1 || Contrast.measure(result, coverage.parts[...]) >= Contrast.aim { return result }
      style = style.with(opacity: style.opacity + 0.06)
    }
  }

  /// The region with an opaque plate, for coders that disturb what is under a translucent one.
  func opaque() -> Region {
    RegionBlend.blend(
      region, coverage, opacity(.dark) <= opacity(.light) + Self.preferenceForDark ? .dark : .light)
  }

  /// The lowest opacity of `style` at which its ink stands off the worst ground.
  private func opacity(_ style: LabelStyle) -> Double {
    let ink = SRGB.linear(Float(style.ink))
    let ground = SRGB.encoded(style.ink > style.plate ? lightest : darkest)
    var opacity = least
    while opacity < 1 {
      let plated = ground + (Float(style.plate) - ground) * Float(opacity)
      if Contrast.ratio(ink, SRGB.linear(plated)) >= Contrast.aim { return opacity }
      opacity += 0.02
    }
    return 1
  }

  private static func leastOpacity(_ region: Region, _ coverage: PlateCoverage, spread: Double) -> Double {
    if region.planes.contains(where: { $0.maxValue <= 3 }) { return 1 }
    if let alpha = region.alpha {
      let half = alpha.maxValue / 2
      let under = alpha.samples.indices.filter { $0 < coverage.plate.count && coverage.plate[$0] > 0 }
      let clear = under.count { alpha.samples[$0] < half }
      if clear * 50 > under.count { return leastOverTransparency }
    }
    // A busy ground shows through as noise between the strokes: cover more of it.
    return min(0.85, leastOpacity + 0.9 * spread)
  }
}
