internal import MediaCore

/// Marks a frame sample by sample.
struct PixelMarking {
  private let pattern: TilePattern
  private let signs: TileSigns
  private let size: PixelSize
  private let cell: Int

  init(_ pattern: TilePattern, _ signs: TileSigns, size: PixelSize) {
    self.pattern = pattern
    self.signs = signs
    self.size = size
    // Cells follow the scale of the tile, so that the grid is about as fine as the pattern is.
    cell = pattern.side < Self.leastSideOfWideCells ? 4 : pattern.side < 192 ? 8 : 16
  }

  /// Side of a tile from which on cells have eight pixels.
  static let leastSideOfWideCells = 96

  /// Marks all of `frame`, at `factor` times the strength that the picture allows; what was there goes to `backup` where it is
  /// doubtful that the mark can be read.
  func mark(
    _ frame: any Frame, factor: Double, _ backup: FrameBackup? = nil
  ) throws(MediaError) -> Marking {
    var moments = CellMoments(width: size.width, height: size.height, cell: cell)
    try LumaBand.forEach(of: frame) { (region, luma) throws(MediaError) in
      for y in 0..<region.rect.height { moments.add(luma + y * size.width, y: region.rect.y + y) }
    }
    let map = ActivityMap(moments)
    let cellPixels = Double(pattern.side) / Double(TileCode.side)
    let strength = EmbeddingStrength(map, patternCells: Double(size.pixelCount) / (cellPixels * cellPixels))
    var row = [Float](repeating: 0, count: size.width)
    var error = 0.0
    for y in stride(from: 0, to: size.height, by: LumaBand.rows) {
      let rect = PixelRect(x: 0, y: y, width: size.width, height: min(LumaBand.rows, size.height - y))
      var region = try frame.readRegion(rect)
      if strength.deflection < ImageWatermarkEmbedder.sure { backup?.keep(region) }
      for line in 0..<rect.height {
        draw(y + line, strength, map, factor: Float(factor), into: &row)
        error += add(row, to: &region, line: line)
      }
      try frame.writeRegion(region)
    }
    return Marking(meanSquare: error / Double(size.pixelCount), deflection: strength.deflection)
  }

  /// The mark of row `y` of the picture: gains between cells' middles are interpolated.
  private func draw(
    _ y: Int, _ strength: EmbeddingStrength, _ map: ActivityMap, factor: Float, into row: inout [Float]
  ) {
    let side = pattern.side
    let (tileY, v) = (y / side, y % side)
    let vertical = Interpolation(y, cell: cell, count: map.rows)
    let (upper, lower) = (vertical.first * map.columns, vertical.second * map.columns)
    func between(_ values: [Float]) -> [Float] {
      (0..<map.columns).map {
        factor * (values[upper + $0] + (values[lower + $0] - values[upper + $0]) * vertical.share)
      }
    }
    var x = 0
    while x < size.width {
      let tileX = x / side
      let values = signs.isInverted(tileX, tileY) ? pattern.minus : pattern.plus
      let end = min(size.width, (tileX + 1) * side)
      let offset = v * side - tileX * side
      values.withUnsafeBufferPointer { values in
        for x in x..<end { row[x] = values[offset &+ x] }
      }
      x = end
    }
    scale(&row, between(strength.gain), between(strength.shift))
  }

  private func scale(_ row: inout [Float], _ gains: [Float], _ shifts: [Float]) {
    let (half, last) = (cell / 2, gains.count - 1)
    row.withUnsafeMutableBufferPointer { row in
      for x in 0..<min(half, row.count) { row[x] = row[x] * gains[0] + shifts[0] }
      for column in 0..<last {
        let (gainStep, shiftStep) = (
          (gains[column + 1] - gains[column]) / Float(cell),
          (shifts[column + 1] - shifts[column]) / Float(cell)
        )
        var (gain, shift) = (gains[column] + gainStep / 2, shifts[column] + shiftStep / 2)
        let x = half + column * cell
        for offset in 0..<cell {
          row[x &+ offset] = row[x &+ offset] * gain + shift
          gain += gainStep
          shift += shiftStep
        }
      }
      for x in half + last * cell..<row.count { row[x] = row[x] * gains[last] + shifts[last] }
    }
  }

  /// Adds `row` to line `line` of `region`; returns Σ error² of the luma.
  private func add(_ row: [Float], to region: inout Region, line: Int) -> Double {
    let model = region.model
    let alpha = region.alpha
    var error: Float = 0
    let luma = model == .rgb ? 3 : 1
    for index in region.planes.indices where !model.isChroma(index) && !(model.isInk && index == 3) {
      let plane = region.planes[index]
      let scale = (model.isInk && !model.isInverted ? -1 : 1) * Float(plane.maxValue) / 255
      let (top, subsampling) = (Float(plane.maxValue), plane.horizontalSubsampling)
      if line % plane.verticalSubsampling != 0 { continue }
      let start = line / plane.verticalSubsampling * plane.width
      region.planes[index].samples.withUnsafeMutableBufferPointer { samples in
        row.withUnsafeBufferPointer { row in
          guard let target = samples.baseAddress.map({ $0 + start }) else { return }
          if alpha == nil && plane.width == row.count {
            error += Self.add(row, to: target, scale: scale, top: top)
            return
          }
          for x in 0..<plane.width {
            let pixel = min(row.count - 1, x * subsampling)
            if let alpha, alpha.samples[line * alpha.width + pixel] == 0 { continue }
            let old = Float(target[x])
            let new = min(max(old + row[pixel] * scale, 0), top) + 0x1p23
            target[x] = UInt16(truncatingIfNeeded: new.bitPattern)
            let difference = (new - 0x1p23 - old) / scale
            error += difference * difference
          }
        }
      }
    }
    return Double(error) / Double(luma)
  }

  /// Adds `row` to as many samples; returns Σ error².
  private static func add(
    _ row: UnsafeBufferPointer<Float>, to samples: UnsafeMutablePointer<UInt16>, scale: Float, top: Float
  ) -> Float {
    let count = row.count
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { squares in
      let unit = 1 / (scale * scale)
      for x in 0..<count {
        let old = Float(samples[x])
        let new = min(max(old + row[x] * scale, 0), top) + 0x1p23
        samples[x] = UInt16(truncatingIfNeeded: new.bitPattern)
        let difference = new - 0x1p23 - old
        squares[x] = difference * difference
      }
      // A sum in the loop above would have to be made in order, one sample at a time.
      var (sums, x) = (SIMD8<Float>(), 0)
      let bytes = UnsafeRawBufferPointer(squares)
      while x + 8 <= count {
        sums += bytes.loadUnaligned(fromByteOffset: 4 * x, as: SIMD8<Float>.self)
        x += 8
      }
      var sum = sums.sum()
      while x < count {
        sum += squares[x]
        x += 1
      }
      return sum * unit
    }
  }

  /// Where a row lies between the middles of two rows of cells.
  private struct Interpolation {
    let first: Int
    let second: Int
    let share: Float

    init(_ y: Int, cell: Int, count: Int) {
      let place = (Float(y) + 0.5) / Float(cell) - 0.5
      first = min(max(Int(place.rounded(.down)), 0), count - 1)
      second = min(first + 1, count - 1)
      share = min(max(place - Float(first), 0), 1)
    }
  }
}

extension ColorModel {
  /// Whether planes are inks.
  var isInk: Bool {
    switch self {
    case .cmyk, .ycck: true
    case .gray, .rgb, .ycbcr: false
    }
  }

  /// Whether more of a sample is less ink.
  var isInverted: Bool {
    switch self {
    case .cmyk(let inverted), .ycck(let inverted): inverted
    case .gray, .rgb, .ycbcr: false
    }
  }
}
