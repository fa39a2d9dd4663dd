/// The transform of tiles of 64 × 64 values, or another power of two, and where their waves stand in it. Owned by one worker.
final class TileTransform {
  static let side = TileCode.side
  static let count = side * side
  private let side: Int
  private let transform: FourierTransform
  private var workRe: [Float]
  private var workIm: [Float]

  init(side: Int = TileTransform.side) {
    self.side = side
    transform = FourierTransform(length: side)
    workRe = [Float](repeating: 0, count: side * side)
    workIm = workRe
  }

  /// Where wave (x, y) stands in a spectrum.
  @inline(__always)
  static func index(_ x: Int, _ y: Int) -> Int { (y & (side - 1)) * side + (x & (side - 1)) }

  /// Transforms re + i im in place, both `side` × `side` row by row; the inverse is not scaled.
  func run(_ re: inout [Float], _ im: inout [Float], isInverse: Bool = false) {
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
              Self.transpose(re, side)
              Self.transpose(im, side)
            }
          }
        }
      }
    }
  }

  private static func transpose(_ plane: UnsafeMutablePointer<Float>, _ side: Int) {
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
