import Foundation
import Testing

@testable import Labels

/// The transforms against their definition.
@Suite struct FourierTransformTests {
  @Test(arguments: [4, 8, 16, 64, 128], [4, 8, 12])
  func everyLengthIsTheDefinition(_ length: Int, _ lanes: Int) {
    var random = PolarCodeTests.Random(state: UInt64(length * 100 + lanes))
    let re = (0..<length * lanes).map { _ in random.normal() }
    let im = (0..<length * lanes).map { _ in random.normal() }
    for isInverse in [false, true] {
      var (a, b) = (re, im)
      var (c, d) = (re, im)
      a.withUnsafeMutableBufferPointer { a in
        b.withUnsafeMutableBufferPointer { b in
          c.withUnsafeMutableBufferPointer { c in
            d.withUnsafeMutableBufferPointer { d in
              FourierTransform(length: length).transform(
                a.baseAddress!, b.baseAddress!, lanes: lanes, c.baseAddress!, d.baseAddress!,
                isInverse: isInverse)
            }
          }
        }
      }
      for lane in 0..<lanes {
        for k in 0..<length {
          var (sumRe, sumIm) = (0.0, 0.0)
          for n in 0..<length {
            let angle = (isInverse ? 2 : -2) * Double.pi * Double(k * n) / Double(length)
            let (x, y) = (Double(re[n * lanes + lane]), Double(im[n * lanes + lane]))
            sumRe += x * cos(angle) - y * sin(angle)
            sumIm += x * sin(angle) + y * cos(angle)
          }
          #expect(abs(sumRe - Double(a[k * lanes + lane])) < 1e-3)
          #expect(abs(sumIm - Double(b[k * lanes + lane])) < 1e-3)
        }
      }
    }
  }

  @Test(arguments: [(32, 16, 32, 16), (32, 64, 21, 50), (64, 32, 64, 17)])
  func thePowerOfAPlaneTurnsBackIntoItsAutocorrelation(
    _ width: Int, _ height: Int, _ across: Int, _ down: Int
  ) {
    var random = PolarCodeTests.Random(state: 9)
    let transform = PlaneTransform(width: width, height: height)
    let plane = LumaPlane(
      width: across, height: down, values: (0..<across * down).map { _ in random.normal() })
    // Twice: nothing is left over from the first time.
    for _ in 0..<2 {
      let power = transform.power(of: plane)
      let sum = Double(plane.values.reduce(0, +))
      #expect(abs(Double(power.values[0]) - sum * sum) < 1e-3 * max(1, sum * sum))
      let rows = height / 2
      var result = [Float](repeating: 0, count: rows * width)
      transform.correlation(power, filled: transform.columns, rows: rows, into: &result)
      for (dx, dy) in [(0, 0), (1, 0), (5, 3), (width - 2, 1), (7, rows - 1)] {
        var expected: Float = 0
        for y in 0..<down {
          for x in 0..<across {
            let (u, v) = ((x + dx) % width, (y + dy) % height)
            if u < across, v < down {
              expected += plane.values[y * across + x] * plane.values[v * across + u]
            }
          }
        }
        let found = result[dy * width + dx] / Float(width * height)
        #expect(abs(found - expected) < 1e-2, "shift \(dx), \(dy)")
      }
    }
  }
}
