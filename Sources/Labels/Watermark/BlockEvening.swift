internal import CSignal

/// Evens out what a `BlockFold` adds up: each block counts by one over the power of what it and those around it show, which is how a mark
/// of one strength is told best from what disturbs it. In a drawing those are edges, and few blocks have them.
struct BlockEvening {
  /// Blocks each way whose power is that of a place.
  private static let radius = 1

  private let count: Int
  // All blocks, row by row, without their means.
  private var blocks: [Float]

  /// Of `all` blocks of `count` values, a multiple of four.
  init(count: Int, all: Int) {
    self.count = count
    blocks = []
    blocks.reserveCapacity(count * all)
  }

  /// Keeps the next `columns` blocks.
  mutating func keep(_ row: UnsafePointer<Float>, columns: Int) {
    blocks += UnsafeBufferPointer(start: row, count: columns * count)
  }

  /// What each block counts for, of `columns` a row, whose means differ by `differences` from those around them.
  func weights(_ differences: [Float], columns: Int) -> [Float] {
    var power = LumaPlane(width: columns, height: differences.count / max(1, columns))
    tm_blocks_measure(blocks, Int32(differences.count), Int32(count), &power.values)
    power.values = CellSums.combine(power.values, differences) { ($0 + $1 * $1) / 64 }
    return CellSums.map(BoxFilter.mean(power, radius: Self.radius).values) { power in
      let strength = max(0, power).squareRoot() + Residual.floor
      return 1 / (strength * strength)
    }
  }

  /// Calls `body` with each row of `columns` blocks, and with what they count for.
  func forEachRow(
    _ weights: [Float], columns: Int,
    _ body: (_ row: Int, _ blocks: UnsafePointer<Float>, _ weights: UnsafePointer<Float>) -> Void
  ) {
    blocks.withUnsafeBufferPointer { blocks in
      weights.withUnsafeBufferPointer { weights in
        guard let blocks = blocks.baseAddress, let start = weights.baseAddress else { return }
        for row in 0..<weights.count / max(1, columns) {
          body(row, blocks + row * columns * count, start + row * columns)
        }
      }
    }
  }
}
