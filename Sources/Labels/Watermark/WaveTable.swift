#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import Synchronization

/// Which part of each wave stands in the coefficients of a tile's blocks: takes folds to waves without the pixels between.
struct WaveTable: Sendable {
  /// A tile's waves (x, y), -15 ≤ x ≤ 16 and 0 ≤ y ≤ 15, cycles a tile.
  struct Waves {
    fileprivate(set) var re = [Float](repeating: 0, count: 2 * WaveTable.reach * WaveTable.reach)
    fileprivate(set) var im = [Float](repeating: 0, count: 2 * WaveTable.reach * WaveTable.reach)

    /// Where wave (x, y) stands, y ≥ 0.
    static func index(_ x: Int, _ y: Int) -> Int { y * 2 * WaveTable.reach + x + WaveTable.reach - 1 }
  }

  /// One more than the largest frequency of a wave along an axis.
  fileprivate static let reach = 16
  private let side: Int
  private let shape: BlockShape
  // By place along an axis (block, then coefficient): Σ basis · e^(-2πi x t) for x = 0 ..< 16, real parts, then imaginary ones.
  private let axis: [Float]

  /// The table for tiles of `side` blocks.
  private init(side: Int, shape: BlockShape) {
    self.side = side
    self.shape = shape
    let pixels = 8 * side
    let turns = (0..<2 * pixels).map { Double.pi * Double($0) / Double(pixels) }
    let (cosines, sines) = (turns.map { cos($0) }, turns.map { sin($0) })
    let basis = (0..<8 * shape.depth).map { CosineTransform.basis($0 / 8, $0 % 8) }
    var axis = [Float](repeating: 0, count: side * shape.depth * 2 * Self.reach)
    for block in 0..<side {
      for u in 0..<shape.depth {
        for x in 0..<Self.reach {
          var (re, im) = (0.0, 0.0)
          for t in 0..<8 {
            let turn = (2 * (8 * block + t) + 1) * x % (2 * pixels)
            re += basis[8 * u + t] * cosines[turn]
            im -= basis[8 * u + t] * sines[turn]
          }
          let start = (block * shape.depth + u) * 2 * Self.reach
          axis[start + x] = Float(re)
          axis[start + Self.reach + x] = Float(im)
        }
      }
    }
    self.axis = axis
  }

  private static let known = Mutex<[Int: WaveTable]>([:])
  /// Tables kept: of the sizes that pictures of a run have.
  private static let most = 32

  /// The table for tiles of `side` blocks, made when it is first asked for.
  static func of(side: Int, shape: BlockShape) -> WaveTable {
    let key = side << 8 | shape.count
    if let table = known.withLock({ $0[key] }) { return table }
    let table = WaveTable(side: side, shape: shape)
    known.withLock { known in
      if known.count >= most { known.removeAll() }
      known[key] = table
    }
    return table
  }

  /// The waves of `fold`, a total of a `BlockFold`.
  func waves(_ fold: [Float]) -> Waves {
    typealias Lanes = SIMD16<Float>
    let (depth, pitch, count) = (shape.depth, shape.pitch, shape.count)
    let size = MemoryLayout<Lanes>.size
    // Real and imaginary parts of products over rows and columns.
    var (rr, ii, ri, ir) = (
      [Lanes](repeating: .zero, count: Self.reach), [Lanes](repeating: .zero, count: Self.reach),
      [Lanes](repeating: .zero, count: Self.reach), [Lanes](repeating: .zero, count: Self.reach)
    )
    axis.withUnsafeBytes { axis in
      fold.withUnsafeBufferPointer { fold in
        for row in 0..<side {
          for v in 0..<depth {
            var (re, im) = (Lanes(), Lanes())
            for column in 0..<side {
              let values = (row &* side &+ column) &* count &+ v &* pitch
              for u in 0..<depth {
                let place = 2 &* size &* (column &* depth &+ u)
                let value = fold[values &+ u]
                re += value * axis.loadUnaligned(fromByteOffset: place, as: Lanes.self)
                im += value * axis.loadUnaligned(fromByteOffset: place &+ size, as: Lanes.self)
              }
            }
            let place = 2 &* size &* (row &* depth &+ v)
            for y in 0..<Self.reach {
              let c = axis.loadUnaligned(fromByteOffset: place &+ 4 &* y, as: Float.self)
              let s = axis.loadUnaligned(fromByteOffset: place &+ size &+ 4 &* y, as: Float.self)
              rr[y] += c * re
              ii[y] += s * im
              ri[y] += c * im
              ir[y] += s * re
            }
          }
        }
      }
    }
    var waves = Waves()
    for y in 0..<Self.reach {
      for x in 0..<Self.reach {
        let (right, left) = (Waves.index(x, y), Waves.index(-x, y))
        if x < Self.reach {
          waves.re[right] = rr[y][x] - ii[y][x]
          waves.im[right] = ri[y][x] + ir[y][x]
        }
        if x > 0 {
          // The columns of a real fold at -x are the conjugates of those at x.
          waves.re[left] = rr[y][x] + ii[y][x]
          waves.im[left] = ir[y][x] - ri[y][x]
        }
      }
    }
    return waves
  }
}
