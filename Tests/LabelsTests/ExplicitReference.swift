import Foundation
import MediaCore

@testable import Labels

/// The plain reference for what a stored pixel looks like: one pixel at a time, in doubles, from the definitions.
extension PlaneFrame {
  /// WCAG 2 relative luminance of a stored pixel over a page of encoded grey `page`.
  func luminance(_ x: Int, _ y: Int, page: Double) -> Double {
    let values = planes.map { plane in
      Double(plane.samples[y / plane.verticalSubsampling * plane.width + x / plane.horizontalSubsampling])
        / Double(plane.maxValue)
    }
    let top = Double(planes[0].maxValue)
    var rgb = rgb(values, middle: (top + 1) / 2 / top)
    if let alpha {
      let opacity = Double(alpha.samples[y * alpha.width + x]) / Double(alpha.maxValue)
      rgb = rgb.map { page * (1 - opacity) + $0 * opacity }
    }
    let linear = rgb.map { $0 <= 0.04045 ? $0 / 12.92 : pow(($0 + 0.055) / 1.055, 2.4) }
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
  }

  private func rgb(_ v: [Double], middle: Double) -> [Double] {
    func ycc(_ y: Double, _ cb: Double, _ cr: Double) -> [Double] {
      [
        y + 1.402 * (cr - middle), y - 0.344136 * (cb - middle) - 0.714136 * (cr - middle),
        y + 1.772 * (cb - middle),
      ]
      .map { min(max($0, 0), 1) }
    }
    switch model {
    case .gray: return [v[0], v[0], v[0]]
    case .rgb: return v
    case .ycbcr: return ycc(v[0], v[1], v[2])
    case .cmyk(let inverted): return ink(v, inverted)
    case .ycck(let inverted): return ink(ycc(v[0], v[1], v[2]).map { 1 - $0 } + [v[3]], inverted)
    }
  }

  private func ink(_ stored: [Double], _ inverted: Bool) -> [Double] {
    let amounts = inverted ? stored.map { 1 - $0 } : stored
    return amounts[..<3].map { (1 - $0) * (1 - amounts[3]) }
  }

  /// The contrast ratio between the solid ink (its median) and the plate's pixel nearest to it in tone but for the
  /// worst 0.5 %, the lower of the ratios on a white and on a black page.
  func contrast(_ coverage: PlateCoverage) -> Double {
    let ratios = [0.0, 1.0].map { page -> Double in
      var ink: [Double] = []
      var plate: [Double] = []
      for index in coverage.plate.indices where coverage.plate[index] == 255 {
        let tone = { self.luminance(index % coverage.width, index / coverage.width, page: page) }
        if coverage.ink[index] >= 250 {
          ink.append(tone())
        } else if coverage.ink[index] == 0 {
          plate.append(tone())
        }
      }
      let solid = ink.sorted()[ink.count / 2]
      let contrasts = plate.map { (max($0, solid) + 0.05) / (min($0, solid) + 0.05) }.sorted()
      return contrasts[Int(Double(contrasts.count) * 0.005)]
    }
    return ratios.min() ?? 0
  }
}
