internal import CSignal

/// Evens out what a `BlockFold` adds up: each block counts by one over the power of what it and those around it show, which is how a mark
/// of one strength is told best from what disturbs it. In a drawing those are edges, and few blocks have them.
struct BlockEvening {
  /// Blocks each way whose power is that of a place.
  private static let radius = 1

  // Of what each block shows beside its mean.
  private var power: LumaPlane

  /// Of as many blocks as there are of `means`.
  init(_ means: LumaPlane) { power = LumaPlane(width: means.width, height: means.height) }

  /// Measures row `row` of blocks held as `shape`, which lose their means to `means`.
  mutating func measure(
    _ blocks: UnsafeMutablePointer<Float>, _ shape: BlockShape, row: Int, _ means: inout LumaPlane
  ) {
    withRows(row, &means) { columns, means, power in
      withUnsafePointer(to: shape.kernel) { tm_blocks_measure(blocks, columns, $0, means, power) }
    }
  }

  /// The same of blocks as they are quantised in `steps`, by what `shape` keeps of them.
  mutating func measure(
    _ blocks: UnsafePointer<Int16>, steps: [Float], _ shape: BlockShape, row: Int, _ means: inout LumaPlane
  ) {
    withRows(row, &means) { columns, means, power in
      withUnsafePointer(to: shape.kernel) {
        tm_blocks_measure_quantised(blocks, columns, steps, $0, means, power)
      }
    }
  }

  private mutating func withRows(
    _ row: Int, _ means: inout LumaPlane,
    _ body: (Int32, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) {
    means.withRow(row) { means in
      power.withRow(row) { power in
        guard let means = means.baseAddress, let line = power.baseAddress else { return }
        body(Int32(power.count), means, line)
      }
    }
  }

  /// What each block counts for, if their means differ by `differences` from those around them.
  func weights(_ differences: [Float]) -> [Float] {
    var all = power
    all.values = CellSums.combine(power.values, differences) { ($0 + $1 * $1) / 64 }
    return CellSums.map(BoxFilter.mean(all, radius: Self.radius).values) { power in
      let strength = max(0, power).squareRoot() + Residual.floor
      return 1 / (strength * strength)
    }
  }
}
