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
    values = [Int16](repeating: 0, count: width * height)
    let unit = Float(maxValue) / 255
    let rows = (0..<map.rows).map { row in
      Self.interpolated(gain[row * map.columns..<(row + 1) * map.columns].map { $0 * unit }, map.side, width)
    }
    var squares = 0
    values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      for y in 0..<height {
        let place = (Float(y) + 0.5) / Float(map.side) - 0.5
        let first = min(max(Int(place.rounded(.down)), 0), map.rows - 1)
        let second = min(first + 1, map.rows - 1)
        let share = min(max(place - Float(first), 0), 1)
        squares += Self.draw(
          pattern, signs, y: y, between: rows[first], and: rows[second], share: share, into: base + y * width)
      }
    }
    meanSquare = Double(squares) / Double(max(1, width * height)) / Double(unit * unit)
  }

  /// Gains of a row of blocks, one a pixel.
  private static func interpolated(_ gains: [Float], _ side: Int, _ width: Int) -> [Float] {
    (0..<width).map { x in
      let place = min(max((Float(x) + 0.5) / Float(side) - 0.5, 0), Float(gains.count - 1))
      let first = min(Int(place), max(0, gains.count - 2))
      let second = min(first + 1, gains.count - 1)
      return gains[first] + (gains[second] - gains[first]) * (place - Float(first))
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
          let row = samples.row(y).assumingMemoryBound(to: UInt8.self)
          for x in 0..<width {
            row[x] = UInt8(truncatingIfNeeded: min(max(Int16(row[x]) &+ marks[x], 0), 255))
          }
        }
      }
    }
  }
}
