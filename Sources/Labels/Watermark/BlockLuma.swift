internal import MediaCore

/// The luma of a frame held as 8 × 8 cosine transforms, at its size or half of it, without what codecs do to show it: nothing is
/// rounded, and no chroma is touched.
enum BlockLuma {
  /// Calls `visit` with each block, then `line` with each row of its row of blocks: `samples` is 8, or 4 for half the size, and
  /// rows have as many values as the blocks reach.
  static func forEachBand(
    of frame: any CoefficientFrame, _ grid: CoefficientGrid, samples: Int,
    visit: (_ row: Int, _ column: Int, _ block: UnsafePointer<Int16>) -> Void,
    line: (_ y: Int, _ luma: UnsafePointer<Float>) -> Void
  ) throws(MediaError) {
    let transform = ReducedTransform(steps: grid.steps, samples: samples)
    let width = samples * grid.columns
    let band = UnsafeMutablePointer<Float>.allocate(capacity: width * samples)
    defer { band.deallocate() }
    for row in 0..<grid.rows {
      let blocks = try frame.lumaBlocks(row: row)
      for column in 0..<grid.columns {
        let block = UnsafePointer(blocks + 64 * column)
        transform.show(block, into: band + samples * column, pitch: width)
        visit(row, column, block)
      }
      for y in 0..<samples { line(samples * row + y, band + y * width) }
    }
  }
}

/// The inverse cosine transform of a block's lowest coefficients, at as many samples a side.
struct ReducedTransform {
  private let samples: Int
  // Steps of the coefficients used, row by row, with what the smaller transform is scaled by.
  private let steps: [Float]
  // basis[v * samples + y].
  private let basis: [Float]

  /// `samples` is 4 or 8; `steps` are 64, in natural order.
  init(steps: [Float], samples: Int) {
    self.samples = samples
    self.steps = (0..<samples * samples).map {
      steps[$0 / samples * 8 + $0 % samples] * Float(samples) / 8
    }
    basis = (0..<samples * samples).map {
      Float(CosineTransform.basis($0 / samples, $0 % samples, length: samples))
    }
  }

  /// Grey levels of `block` into `samples` rows of `target` that are `pitch` values apart.
  func show(_ block: UnsafePointer<Int16>, into target: UnsafeMutablePointer<Float>, pitch: Int) {
    steps.withUnsafeBufferPointer { steps in
      basis.withUnsafeBufferPointer { basis in
        guard let steps = steps.baseAddress, let basis = basis.baseAddress else { return }
        if samples == 4 {
          Self.show(block, steps, basis, SIMD4<Float>.self, 4, into: target, pitch)
        } else {
          Self.show(block, steps, basis, SIMD8<Float>.self, 8, into: target, pitch)
        }
      }
    }
  }

  @inline(__always)
  private static func show<Row: SIMD>(
    _ block: UnsafePointer<Int16>, _ steps: UnsafePointer<Float>, _ basis: UnsafePointer<Float>,
    _ type: Row.Type, _ count: Int, into target: UnsafeMutablePointer<Float>, _ pitch: Int
  ) where Row.Scalar == Float {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 64) { values in
      guard let values = values.baseAddress else { return }
      var last = 0
      for v in 0..<count {
        var any: Int16 = 0
        for u in 0..<count {
          let value = block[8 &* v &+ u]
          any |= value
          values[v &* count &+ u] = Float(value) * steps[v &* count &+ u]
        }
        // High rows of most blocks hold nothing.
        if any != 0 { last = v }
      }
      let rows = UnsafeRawPointer(values)
      let waves = UnsafeRawPointer(basis)
      let stride = 4 * count
      for y in 0..<count {
        var row = Row()
        for v in 0...last {
          row += basis[v &* count &+ y] * rows.loadUnaligned(fromByteOffset: stride &* v, as: Row.self)
        }
        var sum = Row(repeating: 128)
        for u in 0..<count {
          sum += row[u] * waves.loadUnaligned(fromByteOffset: stride &* u, as: Row.self)
        }
        UnsafeMutableRawPointer(target + y &* pitch).storeBytes(of: sum, as: Row.self)
      }
    }
  }
}
