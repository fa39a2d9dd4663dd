internal import MediaCore

/// What is left of the copies of a mark in blue where a change of tones made most of a picture white or black: pixels whose blue is neither
/// nothing nor the largest there is, edges of letters and shades, and by how much their blue differs from what red and green let expect.
///
/// A drawing has few colours, and a pixel between two or three of them is a mixture, so around any place blue is a sum of a constant and
/// parts of red and green (He, Sun and Tang 2013). These carry next to nothing of a copy in blue: what they do not explain is the mark.
struct RemnantPixels {
  struct Pixel {
    /// Of the picture.
    let x: Int32
    let y: Int32
    /// Grey levels.
    let value: Float
    /// One over what the values around it vary by.
    let weight: Float
  }

  let pixels: [Pixel]

  /// The share of a picture that is cut off from which on the rest is looked at.
  private static let leastShare = 0.5
  /// Rows that are looked at for that.
  private static let rowsForShare = 8
  /// Pixels looked at: of larger pictures one of each few, both ways.
  private static let mostPixels = 1_200_000
  /// Cells that a window reaches around its pixel. With 5, 3.5 and 2.7 less was left of the mark itself.
  private static let reach = 6.0
  /// Pixels of a window from which on it says something: three unknowns are taken from them.
  private static let leastInWindow: Int32 = 12
  /// What red and green vary by at least, and values, each from rounding: squares of grey levels.
  private static let leastVariance = 1.0

  /// Of `frame`; nil where less than half is cut off, or where it has no colours.
  init?(_ frame: any Frame) throws(MediaError) {
    let size = frame.size
    guard try Self.isCutOff(frame) else { return nil }
    var step = 1
    while (size.width / step) * (size.height / step) > Self.mostPixels { step += 1 }
    var raster = Raster(width: (size.width + step - 1) / step, height: (size.height + step - 1) / step)
    guard try ColorRows.forEach(of: frame, columns: step, rows: step, { raster.add($0) }) else { return nil }
    let cell = Double(CellWidths(size).blue.first ?? 8) / 8 / Double(step)
    pixels = raster.residuals(reach: max(2, Int((Self.reach * cell).rounded())), step: step)
  }

  private static func isCutOff(_ frame: any Frame) throws(MediaError) -> Bool {
    var (ends, all) = (0, 0)
    let isColoured = try ColorRows.forEach(
      of: frame, columns: 1, rows: max(1, frame.size.height / rowsForShare)
    ) { row in
      for x in stride(from: 2, to: row.count, by: 3) { ends += row[x] == 0 || row[x] == 255 ? 1 : 0 }
      all += row.count / 3
    }
    return isColoured && Double(ends) >= leastShare * Double(max(1, all))
  }

  /// A picture's bytes, red, green and blue.
  private struct Raster {
    /// Sums over pixels of 1, r, g, b, r², r g, g², r b, g b and b².
    typealias Sums = SIMD16<Int32>

    let width: Int
    let height: Int
    private var bytes: [UInt8] = []

    init(width: Int, height: Int) {
      (self.width, self.height) = (width, height)
      bytes.reserveCapacity(3 * width * height)
    }

    mutating func add(_ row: UnsafeBufferPointer<UInt8>) { bytes.append(contentsOf: row) }

    /// What red and green do not explain within `reach` pixels each way; pixels are `step` apart in the picture.
    func residuals(reach: Int, step: Int) -> [Pixel] {
      var pixels: [Pixel] = []
      guard bytes.count == 3 * width * height else { return pixels }
      var columns = [Sums](repeating: Sums(), count: width)
      bytes.withUnsafeBufferPointer { bytes in
        columns.withUnsafeMutableBufferPointer { columns in
          for y in 0..<min(reach, height) { Self.add(bytes, y, width, to: columns, sign: 1) }
          for y in 0..<height {
            if y + reach < height { Self.add(bytes, y + reach, width, to: columns, sign: 1) }
            if y > reach { Self.add(bytes, y - reach - 1, width, to: columns, sign: -1) }
            var window = Sums()
            for x in 0..<min(reach, width) { window &+= columns[x] }
            for x in 0..<width {
              if x + reach < width { window &+= columns[x + reach] }
              if x > reach { window &-= columns[x - reach - 1] }
              let place = 3 * (y * width + x)
              let (red, green, blue) = (bytes[place], bytes[place + 1], bytes[place + 2])
              guard blue != 0, blue != 255, window[0] >= RemnantPixels.leastInWindow else { continue }
              let (value, weight) = Self.residual(window, Double(red), Double(green), Double(blue))
              pixels.append(Pixel(x: Int32(x * step), y: Int32(y * step), value: value, weight: weight))
            }
          }
        }
      }
      return pixels
    }

    /// Adds what the pixels of row `y` that are not cut off have, or takes it away.
    private static func add(
      _ bytes: UnsafeBufferPointer<UInt8>, _ y: Int, _ width: Int,
      to columns: UnsafeMutableBufferPointer<Sums>,
      sign: Int32
    ) {
      for x in 0..<width {
        let place = 3 &* (y &* width &+ x)
        let blue = Int32(bytes[place &+ 2])
        guard blue != 0, blue != 255 else { continue }
        let (red, green) = (Int32(bytes[place]), Int32(bytes[place &+ 1]))
        let sums = Sums(
          1, red, green, blue, red &* red, red &* green, green &* green, red &* blue, green &* blue,
          blue &* blue, 0, 0, 0, 0, 0, 0)
        columns[x] = sign > 0 ? columns[x] &+ sums : columns[x] &- sums
      }
    }

    /// What least squares over a window leave of a pixel, bounded, and one over the mean square that they leave.
    private static func residual(
      _ sums: Sums, _ red: Double, _ green: Double, _ blue: Double
    ) -> (value: Float, weight: Float) {
      let one = 1 / Double(sums[0])
      let (r, g, b) = (one * Double(sums[1]), one * Double(sums[2]), one * Double(sums[3]))
      let rr = one * Double(sums[4]) - r * r + RemnantPixels.leastVariance
      let rg = one * Double(sums[5]) - r * g
      let gg = one * Double(sums[6]) - g * g + RemnantPixels.leastVariance
      let (rb, gb) = (one * Double(sums[7]) - r * b, one * Double(sums[8]) - g * b)
      let determinant = rr * gg - rg * rg
      let (ofRed, ofGreen) = ((rb * gg - gb * rg) / determinant, (gb * rr - rb * rg) / determinant)
      let left = max(0, one * Double(sums[9]) - b * b - ofRed * rb - ofGreen * gb)
      let bound = 2 * (left + RemnantPixels.leastVariance).squareRoot()
      let value = (blue - b) - ofRed * (red - r) - ofGreen * (green - g)
      return (Float(min(max(value, -bound), bound)), Float(1 / (left + RemnantPixels.leastVariance)))
    }
  }
}
