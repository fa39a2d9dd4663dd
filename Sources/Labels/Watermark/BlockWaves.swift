internal import CSignal

/// The transforms of a tile's blocks in quantisation steps, of the coefficients that a mark can move: the others are nothing.
struct BlockWaves {
  /// Rows of coefficients up to the last that moves.
  private let rows: Int
  private let steps: [Float]
  // By place in the tile, the coefficients of `rows` rows.
  private let plus: [Float]
  private let minus: [Float]
  /// A coefficient that is zero costs a symbol once it is not: the change must reach this share of a step.
  private static let deadZone: Float = 0.6

  /// `plus` and `minus` are the transforms of a tile's blocks, 64 values each.
  init(_ plus: [Float], _ minus: [Float], steps: [Float], largestGain: Float) {
    var largest = [Float](repeating: 0, count: 64)
    for values in [plus, minus] {
      values.withUnsafeBufferPointer { values in
        largest.withUnsafeMutableBufferPointer { largest in
          for start in stride(from: 0, to: values.count, by: 64) {
            for k in 0..<64 { largest[k] = max(largest[k], abs(values[start &+ k])) }
          }
        }
      }
    }
    let moves = (0..<64).map { $0 == 0 || largest[$0] * largestGain >= 0.5 * steps[$0] }
    let rows = (moves.lastIndex(of: true) ?? 0) / 8 + 1
    let units = (0..<8 * rows).map { moves[$0] ? 1 / steps[$0] : 0 }
    func packed(_ values: [Float]) -> [Float] {
      [Float](unsafeUninitializedCapacity: values.count / 64 * 8 * rows) { packed, count in
        for block in 0..<values.count / 64 {
          for k in 0..<8 * rows { packed[8 * rows * block + k] = values[64 * block + k] * units[k] }
        }
        count = values.count / 64 * 8 * rows
      }
    }
    self.rows = rows
    self.steps = Array(steps[..<(8 * rows)])
    self.plus = packed(plus)
    self.minus = packed(minus)
  }

  /// What marking added to blocks.
  struct Sums {
    fileprivate var sums = tm_block_sums()

    /// Σ of the squares of what was added.
    var error: Double { Self.sum(sums.squares) }
    /// Σ of what was added times what was to be, but for the blocks' means.
    var product: Double { Self.sum(sums.products) }

    private typealias Lanes = (Float, Float, Float, Float, Float, Float, Float, Float)
    private static func sum(_ lanes: Lanes) -> Double {
      withUnsafeBytes(of: lanes) { $0.bindMemory(to: Float.self).reduce(0.0) { $0 + Double($1) } }
    }
  }

  /// Adds the mark of the block at `place` of the tile; whether anything changed. `shift` is added to its mean, in grey levels of
  /// the transform.
  @inline(__always)
  func add(
    _ place: Int, isInverted: Bool, times gain: Float, shift: Float, to block: UnsafeMutablePointer<Int16>,
    _ sums: inout Sums
  ) -> Bool {
    (isInverted ? minus : plus).withUnsafeBufferPointer { waves in
      steps.withUnsafeBufferPointer { steps in
        guard let waves = waves.baseAddress, let steps = steps.baseAddress else { return false }
        return tm_block_mark(
          block, waves + 8 &* rows &* place, steps, Int32(rows), gain, shift / steps[0], Self.deadZone,
          &sums.sums
        ) != 0
      }
    }
  }
}
