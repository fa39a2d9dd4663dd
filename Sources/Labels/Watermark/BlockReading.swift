internal import CSignal

/// Takes the coefficients that a `BlockFold` keeps out of blocks held as cosine transforms.
struct BlockReading {
  let shape: BlockShape
  private let steps: [Float]

  /// `steps` are the 64 of quantisation, in natural order.
  init(_ shape: BlockShape, steps: [Float]) {
    self.shape = shape
    self.steps = steps
  }

  /// The kept coefficients of each of `columns` blocks into `values`.
  func read(_ blocks: UnsafePointer<Int16>, columns: Int, into values: UnsafeMutablePointer<Float>) {
    withUnsafePointer(to: shape.kernel) { tm_blocks_take(blocks, Int32(columns), steps, $0, values) }
  }
}

extension BlockShape {
  /// Takes the means of `columns` blocks to `means`, and of other values what is more than a `BlockFold` takes.
  func bound(
    _ blocks: UnsafeMutablePointer<Float>, columns: Int, means: UnsafeMutableBufferPointer<Float>
  ) {
    guard let means = means.baseAddress else { return }
    withUnsafePointer(to: kernel) { tm_blocks_bound(blocks, Int32(columns), $0, BlockFold.bound, means) }
  }
}

/// Transforms rows of luma, eight by eight, into the coefficients that a `BlockFold` keeps.
struct BlockBand {
  private let shape: BlockShape
  private let columns: Int
  private var blocks: [Float]

  /// C(u) / 2 · cos((2x + 1) u π / 16) at [8 x + u].
  private static let basis: [Float] = (0..<64).map { Float(CosineTransform.basis($0 % 8, $0 / 8)) }

  /// Rows of `columns` whole blocks; what is left over at the right is not read.
  init(_ shape: BlockShape, columns: Int) {
    self.shape = shape
    self.columns = columns
    blocks = [Float](repeating: 0, count: columns * shape.count)
  }

  /// Calls `body` with each whole row of blocks of `strip`, which it may change.
  mutating func add(
    _ strip: LumaStrip, _ body: (_ row: Int, _ blocks: UnsafeMutablePointer<Float>) -> Void
  ) {
    for row in strip.y / 8..<(strip.y + strip.count) / 8 {
      let pixels = strip.values + (8 * row - strip.y) * strip.width
      tm_band_transform(
        pixels, Int32(strip.width), Int32(columns), Self.basis, Int32(shape.depth), &blocks)
      blocks.withUnsafeMutableBufferPointer { blocks in
        if let base = blocks.baseAddress { body(row, base) }
      }
    }
  }
}
