internal import MediaCore

/// A line's coverage with a rim of bare plate, ready to correlate. Whole numbers throughout: sums of them may be taken
/// in any order, so the loop vectorises.
struct TextTemplate {
  let width: Int
  let height: Int
  /// `width × height` coverages, 0 … 255.
  private let weights: [Int32]
  private let sum: Double
  /// Sum of squared deviations from the mean.
  private let spread: Double

  /// The bare rim in ink heights: less than the tightest plate has, but enough to tell a phrase from one that goes on.
  private static let rim = (x: 0.35, y: 0.15)

  init(_ mask: TextMask) {
    let rimX = max(1, Int((Self.rim.x * Double(mask.height)).rounded()))
    let rimY = max(1, Int((Self.rim.y * Double(mask.height)).rounded()))
    width = mask.width + 2 * rimX
    height = mask.height + 2 * rimY
    var weights = [Int32](repeating: 0, count: width * height)
    for y in 0..<mask.height {
      for x in 0..<mask.width {
        weights[(y + rimY) * width + x + rimX] = Int32(mask.coverage[y * mask.width + x])
      }
    }
    let total = mask.coverage.reduce(0) { $0 + Int($1) }
    let squares = mask.coverage.reduce(0) { $0 + Int($1) * Int($1) }
    self.weights = weights
    sum = Double(total)
    spread = Double(squares) - sum * sum / Double(width * height)
  }

  /// Smallest standard deviation of luma, of 255, that can be a label: ink at a contrast of 4.5, washed out by
  /// resizing.
  private static let leastDeviation = 12.0

  /// The correlation coefficient with `patch` from (`x`, `y`), −1 … 1: negative for dark ink. Zero where the template
  /// leaves the patch or the patch is flat.
  func correlation(_ patch: TonePatch, x: Int, y: Int) -> Double {
    guard x >= 0, y >= 0, x + width <= patch.width, y + height <= patch.height else { return 0 }
    var sums = CorrelationSums()
    patch.luma.withUnsafeBufferPointer { luma in
      weights.withUnsafeBufferPointer { weights in
        guard let luma = luma.baseAddress, let weights = weights.baseAddress else { return }
        for row in 0..<height {
          sums.add(luma + ((y + row) * patch.width + x), weights + row * width, count: width)
        }
      }
    }
    let count = Double(width * height)
    let deviation = Double(sums.squares) - Double(sums.luma) * Double(sums.luma) / count
    guard deviation > count * Self.leastDeviation * Self.leastDeviation, spread > 0 else { return 0 }
    let covariance = Double(sums.products) - Double(sums.luma) * sum / count
    return covariance / (deviation * spread).squareRoot()
  }
}

/// Sums over the pixels under a template.
struct CorrelationSums {
  private(set) var luma = 0
  private(set) var squares = 0
  private(set) var products = 0

  /// Adds a row of `count` values and weights 0 … 255; the sums of up to 32,768 of them stay within 32 bits.
  mutating func add(_ values: UnsafePointer<Int32>, _ weights: UnsafePointer<Int32>, count: Int) {
    var sum: Int32 = 0
    var square: Int32 = 0
    var product: Int32 = 0
    var index = 0
    // Not `for`: without optimisation a range's iterator costs ten times the arithmetic.
    while index < count {
      let value = values[index]
      sum = sum &+ value
      square = square &+ value &* value
      product = product &+ value &* weights[index]
      index &+= 1
    }
    luma += Int(sum)
    squares += Int(square)
    products += Int(product)
  }
}
