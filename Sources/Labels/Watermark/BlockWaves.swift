internal import CSignal

/// The transforms of a tile's blocks in quantisation steps, of the coefficients that a mark can move: the others are nothing.
struct BlockWaves {
  /// Rows of coefficients up to the last that moves.
  let rows: Int
  private let steps: [Float]
  // By place in the tile, the coefficients of `rows` rows.
  private let plus: [Float]
  private let minus: [Float]
  /// A coefficient that is zero costs a symbol once it is not: the change must reach this share of a step.
  private static let deadZone: Float = 0.6

  /// Of `transforms`, drawn with at most `largestGain`.
  init(_ transforms: TileTransforms, steps: [Float], largestGain: Float) {
    let (largest, width) = (transforms.largest, transforms.width)
    let moves = (0..<width).map { $0 == 0 || largest[$0] * largestGain >= 0.5 * steps[$0] }
    let rows = (moves.lastIndex(of: true) ?? 0) / 8 + 1
    let units = (0..<8 * rows).map { moves[$0] ? 1 / steps[$0] : 0 }
    func packed(_ values: [Float]) -> [Float] {
      [Float](unsafeUninitializedCapacity: values.count / width * 8 * rows) { packed, count in
        let (kept, target) = (8 * rows, UnsafeMutableRawBufferPointer(packed))
        values.withUnsafeBytes { values in
          units.withUnsafeBytes { units in
            for row in 0..<rows {
              let unit = units.loadUnaligned(fromByteOffset: 32 * row, as: SIMD8<Float>.self)
              for block in 0..<values.count / (4 * width) {
                let wave = values.loadUnaligned(
                  fromByteOffset: 4 &* (width &* block &+ 8 &* row), as: SIMD8<Float>.self)
                target.storeBytes(
                  of: wave * unit, toByteOffset: 4 &* (kept &* block &+ 8 &* row), as: SIMD8<Float>.self)
              }
            }
          }
        }
        count = values.count / width * kept
      }
    }
    self.rows = rows
    self.steps = Array(steps[..<(8 * rows)])
    plus = packed(transforms.plus)
    minus = packed(transforms.minus)
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

  /// Blocks beside one another in one tile, and what is drawn on them.
  struct Run {
    /// Of the first in its tile.
    let place: Int
    let isInverted: Bool
    let columns: Int
    /// What the waves are taken times, and what is added to the mean, in grey levels of the transform; one a block.
    let gains: UnsafePointer<Float>
    let shifts: UnsafePointer<Float>
  }

  /// Adds the mark of `run` to `blocks`; `changed` says of each whether anything is another.
  func add(
    _ run: Run, to blocks: UnsafeMutablePointer<Int16>, _ changed: UnsafeMutablePointer<UInt8>,
    _ sums: inout Sums
  ) {
    draw(run) { mark, waves in
      tm_blocks_mark(
        blocks, Int32(run.columns), mark, waves, run.gains, run.shifts, changed, &sums.sums)
    }
  }

  /// Adds what the mark of `run` would change of `blocks` to `sums`.
  func rehearse(_ run: Run, on blocks: UnsafePointer<Int16>, _ sums: inout Sums) {
    draw(run) { mark, waves in
      tm_blocks_rehearse(blocks, Int32(run.columns), mark, waves, run.gains, run.shifts, &sums.sums)
    }
  }

  private func draw(
    _ run: Run, _ body: (UnsafePointer<tm_block_mark>, UnsafePointer<Float>) -> Void
  ) {
    (run.isInverted ? minus : plus).withUnsafeBufferPointer { waves in
      steps.withUnsafeBufferPointer { steps in
        guard let waves = waves.baseAddress, let steps = steps.baseAddress else { return }
        var mark = tm_block_mark(steps: steps, rows: Int32(rows), dead_zone: Self.deadZone)
        body(&mark, waves + 8 * rows * run.place)
      }
    }
  }
}
