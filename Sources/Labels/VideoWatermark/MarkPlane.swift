internal import CSignal
internal import MediaCore

/// What is added to each sample of a frame's luma: the tiles times the gain, in whole sample values.
struct MarkPlane {
  let width: Int
  let height: Int
  /// Sample values, row by row.
  private(set) var values: [Int16]
  /// Mean square, grey levels 0 … 255.
  private(set) var meanSquare: Double = 0

  /// Draws the mark for samples up to `maxValue`; gains between blocks' middles are interpolated.
  init(
    _ pattern: TilePattern, _ signs: TileSigns, gain: [Float], map: BlockActivity, width: Int, height: Int,
    maxValue: UInt16
  ) {
    self.width = width
    self.height = height
    let unit = Float(maxValue) / 255
    let gain = gain.map { $0 * unit }
    let rows = (0..<map.rows).map { row in
      Self.interpolated(gain[row * map.columns..<(row + 1) * map.columns], map.side, width)
    }
    var squares = 0
    values = [Int16](unsafeUninitializedCapacity: width * height) { values, count in
      guard let base = values.baseAddress else { return }
      for y in 0..<height {
        let place = (Float(y) + 0.5) / Float(map.side) - 0.5
        let first = min(max(Int(place.rounded(.down)), 0), map.rows - 1)
        let second = min(first + 1, map.rows - 1)
        let share = min(max(place - Float(first), 0), 1)
        squares += Self.draw(
          pattern, signs, y: y, between: rows[first], and: rows[second], share: share, into: base + y * width)
      }
      count = width * height
    }
    meanSquare = Double(squares) / Double(max(1, width * height)) / Double(unit * unit)
  }

  /// Gains of a row of blocks, one a pixel.
  private static func interpolated(_ gains: ArraySlice<Float>, _ side: Int, _ width: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: width) { row, count in
      gains.withUnsafeBufferPointer { gains in
        guard let base = row.baseAddress, let first = gains.baseAddress else { return }
        tm_row_gains(first, Int32(gains.count), Int32(side), base, Int32(width))
        count = width
      }
    }
  }

  /// Row `y`; returns the sum of squares.
  private static func draw(
    _ pattern: TilePattern, _ signs: TileSigns, y: Int, between upper: [Float], and lower: [Float],
    share: Float, into row: UnsafeMutablePointer<Int16>
  ) -> Int {
    let (side, width) = (pattern.side, upper.count)
    let line = y % side * side
    var total = 0
    upper.withUnsafeBufferPointer { upper in
      lower.withUnsafeBufferPointer { lower in
        guard let upper = upper.baseAddress, let lower = lower.baseAddress else { return }
        for start in stride(from: 0, to: width, by: side) {
          let tile = signs.isInverted(start / side, y / side) ? pattern.minus : pattern.plus
          total += tile.withUnsafeBufferPointer { tile in
            guard let tile = tile.baseAddress else { return 0 }
            return Int(
              tm_row_draw(
                tile + line, upper + start, lower + start, share, row + start,
                Int32(min(side, width - start))))
          }
        }
      }
    }
    return total
  }

  /// Adds the mark to samples of the same size.
  func add(to samples: LumaSamples) {
    guard samples.width == width, samples.height == height else { return }
    let most = Int32(samples.maxValue)
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      for y in 0..<height {
        let marks = base + y * width
        if samples.isWide {
          let row = samples.row(y).assumingMemoryBound(to: UInt16.self)
          for x in 0..<width {
            row[x] = UInt16(truncatingIfNeeded: min(max(Int32(row[x]) &+ Int32(marks[x]), 0), most))
          }
        } else {
          tm_row_add(samples.row(y).assumingMemoryBound(to: UInt8.self), marks, Int32(width))
        }
      }
    }
  }
}
