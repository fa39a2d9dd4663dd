/// The transform of 64 × 64 tiles, and where their waves stand in it. Owned by one worker.
final class TileTransform {
  static let side = TileCode.side
  static let count = side * side
  private let transform = FourierTransform(length: side)
  private var re = [Float](repeating: 0, count: count)
  private var im = [Float](repeating: 0, count: count)
  private var workRe = [Float](repeating: 0, count: count)
  private var workIm = [Float](repeating: 0, count: count)

  /// Where wave (x, y) stands in a spectrum.
  @inline(__always)
  static func index(_ x: Int, _ y: Int) -> Int { (y & (side - 1)) * side + (x & (side - 1)) }

  /// Transforms re + i im in place, both `side` × `side` row by row; the inverse is not scaled.
  func run(_ re: inout [Float], _ im: inout [Float], isInverse: Bool = false) {
    let side = Self.side
    re.withUnsafeMutableBufferPointer { re in
      im.withUnsafeMutableBufferPointer { im in
        workRe.withUnsafeMutableBufferPointer { workRe in
          workIm.withUnsafeMutableBufferPointer { workIm in
            guard let re = re.baseAddress, let im = im.baseAddress, let wr = workRe.baseAddress,
              let wi = workIm.baseAddress
            else { return }
            for _ in 0..<2 {
              // Columns run side by side; turned over, so do rows.
              transform.transform(re, im, lanes: side, wr, wi, isInverse: isInverse)
              Self.transpose(re)
              Self.transpose(im)
            }
          }
        }
      }
    }
  }

  private static func transpose(_ plane: UnsafeMutablePointer<Float>) {
    for y in 1..<side {
      for x in 0..<y {
        let (a, b) = (y &* side &+ x, x &* side &+ y)
        let value = plane[a]
        plane[a] = plane[b]
        plane[b] = value
      }
    }
  }
}
