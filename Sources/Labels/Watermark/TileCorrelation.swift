internal import CSignal

/// Correlations of synchronising waves over all 64 × 64 shifts of a tile, two at a time. Owned by one worker.
final class TileCorrelation {
  /// The largest value of a correlation, either way.
  struct Peak {
    let x: Int
    let y: Int
    let isNegative: Bool
    /// In standard deviations.
    let score: Float
  }

  private let transform = FourierTransform(length: side)
  // Where each wave and its mirror image stand: x is less than 16 either way, so half of the columns is kept.
  private let places: [(wave: Int32, mirror: Int32)]
  private var re = [Float](repeating: 0, count: side * half)
  private var im = [Float](repeating: 0, count: side * half)
  private var planeRe = [Float](repeating: 0, count: side * side)
  private var planeIm = [Float](repeating: 0, count: side * side)
  private var workRe = [Float](repeating: 0, count: side * side)
  private var workIm = [Float](repeating: 0, count: side * side)
  private static let side = TileCode.side
  private static let half = side / 2

  init(_ waves: [TileCode.Wave]) {
    func place(_ x: Int, _ y: Int) -> Int32 {
      Int32((y & (Self.side - 1)) * Self.half + (x & (Self.half - 1)))
    }
    places = waves.map { (place($0.x, $0.y), place(-$0.x, -$0.y)) }
  }

  /// One correlation: of a fold's spectrum at `sources`, times `references`.
  struct Term {
    let sources: [Int32]
    let references: [(re: Float, im: Float)]
  }

  /// Lays out the spectra of two correlations of the fold's spectrum `foldRe`, `foldIm`: both are real, so that the second is the
  /// imaginary part.
  func set(_ foldRe: [Float], _ foldIm: [Float], _ first: Term, _ second: Term?) {
    re.withUnsafeMutableBufferPointer { re in
      im.withUnsafeMutableBufferPointer { im in
        re.update(repeating: 0)
        im.update(repeating: 0)
        for (index, place) in places.enumerated() {
          let (wave, mirror) = (Int(place.wave), Int(place.mirror))
          let (x, y) = Self.product(foldRe, foldIm, first, index)
          let (u, v) = second.map { Self.product(foldRe, foldIm, $0, index) } ?? (0, 0)
          re[wave] += x - v
          im[wave] += y + u
          re[mirror] += x + v
          im[mirror] += u - y
        }
      }
    }
  }

  @inline(__always)
  private static func product(_ re: [Float], _ im: [Float], _ term: Term, _ index: Int) -> (Float, Float) {
    let (source, reference) = (Int(term.sources[index]), term.references[index])
    return (
      re[source] * reference.re - im[source] * reference.im,
      re[source] * reference.im + im[source] * reference.re
    )
  }

  /// The peaks of the two correlations.
  func peaks() -> (first: Peak, second: Peak) {
    let (side, half) = (Self.side, Self.half)
    var isInWork = false
    re.withUnsafeMutableBufferPointer { re in
      im.withUnsafeMutableBufferPointer { im in
        planeRe.withUnsafeMutableBufferPointer { planeRe in
          planeIm.withUnsafeMutableBufferPointer { planeIm in
            workRe.withUnsafeMutableBufferPointer { workRe in
              workIm.withUnsafeMutableBufferPointer { workIm in
                guard let re = re.baseAddress, let im = im.baseAddress, let planeRe = planeRe.baseAddress,
                  let planeIm = planeIm.baseAddress, let workRe = workRe.baseAddress,
                  let workIm = workIm.baseAddress
                else { return }
                let isMoved = transform.runPasses(re, im, lanes: half, workRe, workIm, isInverse: false)
                Self.spread(isMoved ? workRe : re, into: planeRe)
                Self.spread(isMoved ? workIm : im, into: planeIm)
                // Turned over, so that columns run side by side; they stay so.
                isInWork = transform.runPasses(
                  planeRe, planeIm, lanes: side, workRe, workIm, isInverse: false)
              }
            }
          }
        }
      }
    }
    return isInWork ? (Self.peak(workRe), Self.peak(workIm)) : (Self.peak(planeRe), Self.peak(planeIm))
  }

  /// Turns the half of the columns over into rows, and the others, which hold nothing, to nothing.
  private static func spread(_ columns: UnsafePointer<Float>, into plane: UnsafeMutablePointer<Float>) {
    let quarter = half / 2
    (plane + quarter * side).update(repeating: 0, count: half * side)
    let (stride, width, height) = (Int32(half), Int32(quarter), Int32(side))
    tm_transpose(columns, stride, width, height, plane)
    tm_transpose(columns + quarter, stride, width, height, plane + (quarter + half) * side)
  }

  private static func peak(_ plane: [Float]) -> Peak {
    let extent = tm_extent_of(plane, Int32(side * side))
    let deviation = max((extent.squares / Float(side * side)).squareRoot(), 1e-12)
    let isNegative = -extent.least > extent.most
    let value = isNegative ? extent.least : extent.most
    let found = Int(tm_place_of(value, plane, Int32(side * side)))
    let place = found < side * side ? found : 0
    return Peak(x: place / side, y: place % side, isNegative: isNegative, score: abs(value) / deviation)
  }
}
