#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import CSignal
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
    // Σ cos cos, Σ sin sin, Σ cos sin, Σ sin cos by y and x: of waves along rows times waves down columns.
    var sums = [Float](repeating: 0, count: 4 * Self.reach * Self.reach)
    withUnsafeTemporaryAllocation(
      byteCount: Int(tm_fold_row_bytes) * (side * shape.depth + 1), alignment: 64
    ) { rows in
      tm_fold_waves(
        fold, Int32(side), Int32(shape.depth), Int32(shape.pitch), axis, rows.baseAddress, &sums)
    }
    var waves = Waves()
    for y in 0..<Self.reach {
      for x in 0..<Self.reach {
        let (right, left) = (Waves.index(x, y), Waves.index(-x, y))
        let place = 4 * Self.reach * y + x
        let (cc, ss) = (sums[place], sums[place + Self.reach])
        let (cs, sc) = (sums[place + 2 * Self.reach], sums[place + 3 * Self.reach])
        waves.re[right] = cc - ss
        waves.im[right] = cs + sc
        if x > 0 {
          // The columns of a real fold at -x are the conjugates of those at x.
          waves.re[left] = cc + ss
          waves.im[left] = sc - cs
        }
      }
    }
    return waves
  }
}
