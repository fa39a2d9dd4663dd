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
    tm_blocks_take(blocks, Int32(columns), steps, Int32(shape.depth), Int32(shape.pitch), values)
  }
}

/// Transforms rows of luma, eight by eight, into the coefficients that a `BlockFold` keeps.
struct BlockBand {
  private let shape: BlockShape
  private let columns: Int
  // Transforms down the columns of pixels that are being added up, one line of pixels a coefficient.
  private var lines: [Float]
  private var blocks: [Float]

  /// C(u) / 2 · cos((2x + 1) u π / 16) at [8 x + u].
  private static let basis: [Float] = (0..<64).map { Float(CosineTransform.basis($0 % 8, $0 / 8)) }

  /// Rows of `columns` whole blocks; what is left over at the right is not read.
  init(_ shape: BlockShape, columns: Int) {
    self.shape = shape
    self.columns = columns
    lines = [Float](repeating: 0, count: shape.depth * columns * 8)
    blocks = [Float](repeating: 0, count: columns * shape.count)
  }

  /// Adds row `y` of the picture: rows come in order. Calls `body` with each whole row of blocks, which it may change.
  mutating func add(
    _ luma: UnsafePointer<Float>, y: Int, _ body: (_ row: Int, _ blocks: UnsafeMutablePointer<Float>) -> Void
  ) {
    let (width, depth, place) = (columns * 8, shape.depth, 8 * (y % 8))
    lines.withUnsafeMutableBufferPointer { lines in
      Self.basis.withUnsafeBufferPointer { basis in
        for v in 0..<depth {
          let (share, start) = (basis[place &+ v], v &* width)
          if place == 0 {
            for x in 0..<width { lines[start &+ x] = luma[x] * share }
          } else {
            for x in 0..<width { lines[start &+ x] += luma[x] * share }
          }
        }
      }
    }
    guard y % 8 == 7 else { return }
    if shape.pitch == 4 { close(SIMD4<Float>.self) } else { close(SIMD8<Float>.self) }
    blocks.withUnsafeMutableBufferPointer { blocks in
      if let base = blocks.baseAddress { body(y / 8, base) }
    }
  }

  /// Transforms along the rows of pixels.
  @inline(__always)
  private mutating func close<Row: SIMD>(_ type: Row.Type) where Row.Scalar == Float {
    let (width, depth, count, columns) = (columns * 8, shape.depth, shape.count, columns)
    let size = MemoryLayout<Row>.size
    lines.withUnsafeBufferPointer { lines in
      blocks.withUnsafeMutableBytes { blocks in
        Self.basis.withUnsafeBytes { basis in
          for column in 0..<columns {
            for v in 0..<depth {
              let line = v &* width &+ 8 &* column
              var sum = Row()
              for x in 0..<8 {
                sum += lines[line &+ x] * basis.loadUnaligned(fromByteOffset: 32 &* x, as: Row.self)
              }
              blocks.storeBytes(of: sum, toByteOffset: 4 &* column &* count &+ size &* v, as: Row.self)
            }
          }
        }
      }
    }
  }
}
