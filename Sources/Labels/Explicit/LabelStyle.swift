internal import MediaCore

/// A plate with an ink of the opposite tone.
struct LabelStyle: Hashable {
  /// Encoded grey of the plate, 0 black … 1 white.
  let plate: Double
  /// Encoded grey of the ink.
  let ink: Double
  /// How opaque the plate is.
  var opacity: Double

  /// Light ink on a dark plate.
  static let dark = LabelStyle(plate: 0.07, ink: 1, opacity: 1)
  /// Dark ink on a light plate.
  static let light = LabelStyle(plate: 1, ink: 0.08, opacity: 1)

  /// Of a plate that stays while what is under it moves: light ink keeps a ratio of 5.6 even over white, and nothing
  /// flickers from frame to frame as a plate chosen for each would.
  static let steady = LabelStyle.dark.with(opacity: 0.72)

  func with(opacity: Double) -> LabelStyle { LabelStyle(plate: plate, ink: ink, opacity: min(1, opacity)) }
}

extension ColorModel {
  /// The sample values of an encoded grey, one a plane, of 1 for `maxValue`; chroma planes at their middle.
  func samples(grey: Double) -> [Double] {
    switch self {
    case .gray: [grey]
    case .rgb: [grey, grey, grey]
    case .ycbcr: [grey, 0.5, 0.5]
    // Black alone makes the grey: no colour ink, so neither a cast nor a heavy overprint.
    case .cmyk(let inverted): inverted ? [1, 1, 1, grey] : [0, 0, 0, 1 - grey]
    // The three ink planes pass through R = 1 - C, so no ink is white here unless the inks are inverted.
    case .ycck(let inverted): inverted ? [0, 0.5, 0.5, grey] : [1, 0.5, 0.5, 1 - grey]
    }
  }

  /// Whether plane `index` holds a difference around its middle.
  func isChroma(_ index: Int) -> Bool {
    switch self {
    case .ycbcr, .ycck: index == 1 || index == 2
    case .gray, .rgb, .cmyk: false
    }
  }
}
