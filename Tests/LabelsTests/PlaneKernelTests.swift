import CSignal
import Testing

@testable import Labels

/// The fast loops over planes against plain ones.
@Suite struct PlaneKernelTests {
  private static func values(_ count: Int, seed: UInt64 = 11) -> [Float] {
    var random = PolarCodeTests.Random(state: seed)
    return (0..<count).map { _ in random.normal() }
  }

  @Test(arguments: [(8, 8, 8), (32, 16, 64), (40, 40, 24), (64, 64, 64)])
  func columnsAreTurnedToRows(_ stride: Int, _ columns: Int, _ rows: Int) {
    let values = Self.values(stride * rows)
    var turned = [Float](repeating: 0, count: columns * rows)
    tm_transpose(values, Int32(stride), Int32(columns), Int32(rows), &turned)
    for y in 0..<rows {
      for x in 0..<columns { #expect(turned[x * rows + y] == values[y * stride + x]) }
    }
  }

  @Test(arguments: [1, 8, 63, 64, 65, 200]) func sumsAreOfAllPlaces(_ count: Int) {
    let values = Self.values(1000)
    let places: [Int32] = [0, 17, 400, 17, 799]
    var sums = [Float](repeating: -1, count: count + 1)
    tm_sums_at(values, places, Int32(places.count), Int32(count), &sums)
    for index in 0..<count {
      #expect(sums[index] == places.reduce(Float(0)) { $0 + values[Int($1) + index] })
    }
    #expect(sums[count] == -1)
  }

  @Test(arguments: [8, 64, 4096]) func extentIsThatOfAll(_ count: Int) {
    for (seed, sign) in [(UInt64(3), Float(1)), (4, -1)] {
      let values = Self.values(count, seed: seed).map { abs($0) * sign }
      let extent = tm_extent_of(values, Int32(count))
      #expect(extent.most == max(0, values.max() ?? 0))
      #expect(extent.least == min(0, values.min() ?? 0))
      let squares = values.reduce(0.0) { $0 + Double($1 * $1) }
      #expect(abs(Double(extent.squares) - squares) < 1e-4 * squares)
      for place in [0, 7, count - 1] {
        #expect(tm_place_of(values[place], values, Int32(count)) == Int32(place))
      }
      #expect(tm_place_of(9 * sign, values, Int32(count)) == Int32(count))
    }
  }

  /// As many rows as fit in the sums, which all of the brightest do.
  @Test(arguments: [1, 3], [1, 7, 8, 21, 64]) func gatheredRowsHaveTheLumaOfTheirSum(
    _ channels: Int, _ count: Int
  ) {
    var random = PolarCodeTests.Random(state: 5)
    var sums = [UInt16](repeating: 0, count: channels * count)
    var expected = [Int](repeating: 0, count: channels * count)
    for row in 0..<Int(TM_ROWS_GATHERED) {
      let samples = expected.indices.map {
        $0 % 2 == 0 ? UInt8(255) : UInt8(abs(random.normal()) * 50 + Float(row % 3))
      }
      tm_row_gather(samples, Int32(samples.count), &sums)
      for (index, sample) in samples.enumerated() { expected[index] += Int(sample) }
    }
    #expect(sums.map(Int.init) == expected)
    var luma = [Float](repeating: -1, count: count + 1)
    tm_gathered_luma(sums, Int32(channels), Int32(count), &luma)
    for x in 0..<count {
      let pixel = expected[channels * x..<channels * (x + 1)]
      let sum = channels == 1 ? 256 * pixel[x] : zip(pixel, [77, 150, 29]).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(luma[x] == Float(sum) / 256)
    }
    #expect(luma[count] == -1)
  }

  @Test func theFirstOfEqualValuesIsFound() {
    var values = Self.values(64)
    (values[13], values[14], values[60]) = (5, 5, 5)
    #expect(tm_place_of(5, values, 64) == 13)
  }

  private static let width = 90
  private static let height = 70
  private static let plane = values(width * height)

  private static func plain(_ x: Double, _ y: Double) -> Double {
    let (left, top) = (Int(x), Int(y))
    func value(_ dx: Int, _ dy: Int) -> Double { Double(plane[(top + dy) * width + left + dx]) }
    let (u, v) = (x - Double(left), y - Double(top))
    return (value(0, 0) * (1 - u) + value(1, 0) * u) * (1 - v) + (value(0, 1) * (1 - u) + value(1, 1) * u) * v
  }

  /// Counts and directions of lines over the plane.
  private static let lines: [(count: Int, x: Float, y: Float, stepX: Float, stepY: Float)] = [
    (1, 0, 0, 0, 0), (7, 3.25, 60.5, 1.5, -2.25), (8, 88.4, 0.4, -1, 0), (9, 0.3, 0.7, 0.1, 7.1),
    (75, 88.1, 68.3, -1.17, -0.9), (40, 12, 13, 1, 1),
  ]

  @Test(arguments: lines.indices) func linesAreSampledBetweenPixels(_ line: Int) {
    let (count, x, y, stepX, stepY) = Self.lines[line]
    var places = tm_sample_line(
      plane: nil, width: Int32(Self.width), count: Int32(count), x: x, y: y, step_x: stepX, step_y: stepY)
    var (values, sums) = ([Float](repeating: -1, count: count + 1), [Float](repeating: 0, count: 32))
    Self.plane.withUnsafeBufferPointer {
      places.plane = $0.baseAddress
      tm_sample(&places, &values)
      tm_sample_add(&places, 27, 32, &sums)
    }
    var expected = [Double](repeating: 0, count: 32)
    for index in 0..<count {
      let value = Self.plain(Double(x + Float(index) * stepX), Double(y + Float(index) * stepY))
      #expect(abs(Double(values[index]) - value) < 1e-3)
      expected[(27 + index) % 32] += value
    }
    #expect(values[count] == -1)
    for (sum, value) in zip(sums, expected) { #expect(abs(Double(sum) - value) < 3e-3) }
  }

  @Test func shiftsAreReadAsOneByOne() {
    let plane = MarkingKernelTests.plane(120, 60, seed: 5)
    let lags = LagPlane(FlatSpectrum(plane, PlaneTransform(width: 256, height: 256)), low: 0.4, high: 0.5)
    let reach = Float(lags.reach)
    let odd: [Float] = [0, -0, 0.5, -3.75, reach - 0.6, reach, -reach, 1 - reach, 2 * reach, .infinity, .nan]
    let places = odd.flatMap { x in odd.map { (x, $0) } }
    for scale: Float in [1, 0.7] {
      let values = lags.values(places.map(\.0), places.map(\.1), scale: scale)
      for (place, value) in zip(places, values) {
        let (x, y) = (Double(place.0 * scale), Double(place.1 * scale))
        let expected = x.isFinite && y.isFinite ? lags.value(x, y) : 0
        #expect(abs(value - expected) < 1e-3 * max(1, abs(expected)), "\(place)")
      }
    }
  }
}
