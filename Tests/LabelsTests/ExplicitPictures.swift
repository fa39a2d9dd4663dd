import MediaCore
import Testing

/// Grounds to label, made by arithmetic.
enum Ground: String, CaseIterable {
  case white, black, grey, gradient, noise, checks, red, green, blue, yellow, cyan, magenta

  /// Encoded red, green, blue, 0 … 1, of a stored pixel.
  func color(_ x: Int, _ y: Int, _ size: PixelSize) -> (Double, Double, Double) {
    switch self {
    case .white: return (1, 1, 1)
    case .black: return (0, 0, 0)
    case .grey: return (0.5, 0.5, 0.5)
    case .gradient:
      let value = Double(x + y) / Double(size.width + size.height)
      return (value, value, value)
    case .noise:
      func hash(_ seed: Int) -> Double {
        var h = UInt32(truncatingIfNeeded: x &* 374_761_393 &+ y &* 668_265_263 &+ seed &* 2_147_483_647)
        h = (h ^ (h >> 13)) &* 1_274_126_177
        return Double((h ^ (h >> 16)) & 0xFFFF) / 65_535
      }
      return (hash(1), hash(2), hash(3))
    case .checks: return (x / 8 + y / 8) % 2 == 0 ? (1, 1, 1) : (0, 0, 0)
    case .red: return (1, 0, 0)
    case .green: return (0, 1, 0)
    case .blue: return (0, 0, 1)
    case .yellow: return (1, 1, 0)
    case .cyan: return (0, 1, 1)
    case .magenta: return (1, 0, 1)
    }
  }
}

/// How a picture is stored.
struct Coding: CustomTestStringConvertible, Sendable {
  var model: ColorModel
  var maxValue: UInt16 = 255
  var hasAlpha = false
  var chroma = PixelSize(width: 1, height: 1)
  var unit = PixelSize(width: 1, height: 1)

  var testDescription: String { "\(model) \(maxValue)\(hasAlpha ? " alpha" : "") \(chroma) \(unit)" }

  static let all: [Coding] =
    [1, 3, 15, 255, 65_535].map { Coding(model: .gray, maxValue: $0) }
    + [3, 15, 255, 65_535].map { Coding(model: .rgb, maxValue: $0) }
    + [255, 65_535].flatMap {
      [Coding(model: .gray, maxValue: $0, hasAlpha: true), Coding(model: .rgb, maxValue: $0, hasAlpha: true)]
    }
    + [(1, 1), (2, 1), (2, 2), (4, 1), (1, 2)].map { horizontal, vertical in
      Coding(
        model: .ycbcr, chroma: PixelSize(width: horizontal, height: vertical),
        unit: PixelSize(width: 8 * horizontal, height: 8 * vertical))
    } + [Coding(model: .ycbcr, maxValue: 4095)]
    + [true, false].flatMap { [Coding(model: .cmyk(inverted: $0)), Coding(model: .ycck(inverted: $0))] }

  /// Encoded colour to the sample values of one pixel, 0 … 1.
  private func samples(_ color: (Double, Double, Double)) -> [Double] {
    let (r, g, b) = color
    let luma = 0.299 * r + 0.587 * g + 0.114 * b
    func ycc(_ r: Double, _ g: Double, _ b: Double) -> [Double] {
      let y = 0.299 * r + 0.587 * g + 0.114 * b
      return [y, 0.5 + (b - y) / 1.772, 0.5 + (r - y) / 1.402]
    }
    switch model {
    case .gray: return [luma]
    case .rgb: return [r, g, b]
    case .ycbcr: return ycc(r, g, b)
    case .cmyk(let inverted): return inverted ? [r, g, b, 1] : [1 - r, 1 - g, 1 - b, 0]
    case .ycck(let inverted):
      return inverted ? ycc(1 - r, 1 - g, 1 - b) + [1] : ycc(r, g, b) + [0]
    }
  }

  /// A picture of `ground`; with alpha, its right half fades out.
  func frame(_ ground: Ground, _ size: PixelSize, _ orientation: Orientation = .up) -> PlaneFrame {
    let count = samples((0, 0, 0)).count
    let planes = (0..<count).map { index in
      let isChroma = (model == .ycbcr || count == 4) && (index == 1 || index == 2) && !isInkModel
      let step = isChroma ? chroma : PixelSize(width: 1, height: 1)
      return plane(size, step) { x, y in samples(ground.color(x, y, size))[index] }
    }
    let alpha =
      hasAlpha
      ? plane(size, PixelSize(width: 1, height: 1)) { x, _ in x < size.width / 2 ? 1 : 0 } : nil
    return PlaneFrame(
      size: size, orientation: orientation, model: model, planes: planes, alpha: alpha, unit: unit)
  }

  private var isInkModel: Bool { if case .cmyk = model { true } else { false } }

  private func plane(_ size: PixelSize, _ step: PixelSize, _ value: (Int, Int) -> Double) -> SamplePlane {
    let width = (size.width + step.width - 1) / step.width
    let height = (size.height + step.height - 1) / step.height
    var samples = [UInt16](repeating: 0, count: width * height)
    for y in 0..<height {
      for x in 0..<width {
        let sample = min(max(value(x * step.width, y * step.height), 0), 1) * Double(maxValue)
        samples[y * width + x] = UInt16(sample.rounded())
      }
    }
    return SamplePlane(
      width: width, height: height, horizontalSubsampling: step.width, verticalSubsampling: step.height,
      maxValue: maxValue, samples: samples)
  }
}

extension PlaneFrame {
  /// The header that goes with the frame.
  var info: MediaInfo {
    MediaInfo(format: FormatID(rawValue: "planes"), kind: .image, size: size, orientation: orientation)
  }

  /// Colour planes and alpha.
  var everyPlane: [SamplePlane] { planes + [alpha].compactMap(\.self) }

  /// The whole picture as samples.
  var whole: Region {
    Region(
      rect: PixelRect(x: 0, y: 0, width: size.width, height: size.height), model: model, planes: planes,
      alpha: alpha)
  }

  /// A plane at full resolution in display order.
  func shown(_ plane: SamplePlane) -> [UInt16] {
    let display = orientation.displaySize(ofStored: size)
    var result: [UInt16] = []
    result.reserveCapacity(size.pixelCount)
    for y in 0..<display.height {
      for x in 0..<display.width {
        let point = orientation.storedPoint(displayX: x, y: y, display: display)
        result.append(
          plane.samples[
            point.y / plane.verticalSubsampling * plane.width + point.x / plane.horizontalSubsampling])
      }
    }
    return result
  }
}
