import Foundation
import Testing

@testable import Labels

/// The transforms against their definition.
@Suite struct FourierTransformTests {
  @Test(arguments: [4, 8, 16, 64, 128], [1, 3, 16])
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

  @Test func aPlaneComesBackFromItsSpectrum() {
    var random = PolarCodeTests.Random(state: 9)
    let transform = PlaneTransform(width: 32, height: 16)
    let plane = (0..<32 * 16).map { _ in random.normal() }
    var result = [Float](repeating: 0, count: plane.count)
    var re = [Float](repeating: 0, count: transform.columns * 16)
    var im = re
    transform.forward(plane, &re, &im)
    // The first value is the sum of all.
    #expect(abs(re[0] - plane.reduce(0, +)) < 1e-3)
    transform.inverse(&re, &im, &result)
    for (a, b) in zip(plane, result) { #expect(abs(a - b) < 1e-4) }
  }
}
