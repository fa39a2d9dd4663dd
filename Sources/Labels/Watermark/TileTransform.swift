internal import CSignal

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
              let isMoved = transform.runPasses(re, im, lanes: side, wr, wi, isInverse: isInverse)
              turn(re, wr, isMoved: isMoved)
              turn(im, wi, isMoved: isMoved)
            }
          }
        }
      }
    }
  }

  /// Turns what is in `plane`, or in `work`, over into `plane`.
  private func turn(_ plane: UnsafeMutablePointer<Float>, _ work: UnsafeMutablePointer<Float>, isMoved: Bool)
  {
    if !isMoved { work.update(from: plane, count: side * side) }
    tm_transpose(work, Int32(side), Int32(side), Int32(side), plane)
  }
}
