internal import MediaCore

/// Marks a frame sample by sample.
struct PixelMarking {
  private let tile: TileSquares
  private let blueTiles: [TileSquares]
  private let signs: TileSigns
  private let size: PixelSize

  /// `blue` is what copies in blue are drawn with where the picture takes them.
  init(_ tile: TileSquares, blue: [TileSquares] = [], _ signs: TileSigns, size: PixelSize) {
    self.tile = tile
    blueTiles = blue
    self.signs = signs
    self.size = size
  }

  /// Marks all of `frame`, whose activity is `map`, at `factor` times `strength`; what was there goes
  /// to `backup` where it is doubtful that the mark can be read.
  func mark(
    _ frame: any Frame, _ map: ActivityMap, _ strength: EmbeddingStrength, factor: Double,
    _ backup: FrameBackup? = nil
  ) throws(MediaError) -> Marking {
    let packed = frame as? any PackedFrame
    let channels = packed?.packedChannels
    func drawn(_ values: [Float]) -> [Float] { factor == 1 ? values : values.map { $0 * Float(factor) } }
    var rows = MarkRows(
      [tile], signs, gain: drawn(strength.gain), shift: drawn(strength.shift), of: map, width: size.width)
    let isDoubtful = ImageWatermarkEmbedder.isDoubtful(
      map, strength.deflection, isAlone: blueTiles.isEmpty)
    let keeping = isDoubtful ? backup : nil
    let error: Double
    var blue: MarkRows?
    if let packed, let channels {
      if !blueTiles.isEmpty, let mark = BlueMark(map, strength, copies: blueTiles.count) {
        let copies = zip(blueTiles, mark.shares).map { $0.scaled($1) }
        blue = MarkRows(copies, signs, gain: mark.gain, shift: mark.shift, of: map, width: size.width)
      }
      error = try self.mark(packed, channels, &rows, &blue, keeping)
    } else {
      error = try self.mark(frame, &rows, keeping)
    }
    let meanSquare = error / max(1, map.shown.total * Double(size.pixelCount))
    return Marking(
      meanSquare: meanSquare, lumaSquare: blue == nil ? meanSquare : min(meanSquare, strength.meanSquare),
      similarity: strength.similarity, deflection: strength.deflection)
  }

  /// Returns Σ error² of the luma.
  private func mark(
    _ frame: any Frame, _ rows: inout MarkRows, _ backup: FrameBackup?
  ) throws(MediaError) -> Double {
    var (drawn, row) = ([Int16](repeating: 0, count: rows.lanes), [Float](repeating: 0, count: size.width))
    var error = 0.0
    for y in stride(from: 0, to: size.height, by: LumaBand.rows) {
      let rect = PixelRect(x: 0, y: y, width: size.width, height: min(LumaBand.rows, size.height - y))
      var region = try frame.readRegion(rect)
      backup?.keep(region)
      for line in 0..<rect.height {
        rows.draw(y + line, into: &drawn)
        for x in row.indices { row[x] = Float(drawn[x]) / MarkRows.level }
        error += add(row, to: &region, line: line)
      }
      try frame.writeRegion(region)
    }
    return error
  }

  /// Returns Σ error² of the luma, or its mean over the colours.
  private func mark(
    _ frame: any PackedFrame, _ channels: PackedChannels, _ rows: inout MarkRows, _ blue: inout MarkRows?,
    _ backup: FrameBackup?
  ) throws(MediaError) -> Double {
    let (width, count) = (size.width, channels.rawValue)
    let row = UnsafeMutablePointer<Int16>.allocate(capacity: 2 * rows.lanes)
    defer { row.deallocate() }
    let blueRow = blue == nil ? nil : row + rows.lanes
    var error = 0
    try frame.editPackedRows(0..<size.height) { y, samples in
      rows.draw(y, into: row)
      if let blueRow { blue?.draw(y, into: blueRow) }
      backup?.keep(UnsafePointer(samples), count: width * count, of: size.height)
      error += PackedRow.mark(samples, channels, count: width, luma: row, blue: blueRow)
    }
    return Double(error) / Double(count >= 3 ? 3 : 1)
  }

  /// Adds `row` to line `line` of `region`; returns Σ error² of the luma: of colours or inks, their mean.
  private func add(_ row: [Float], to region: inout Region, line: Int) -> Double {
    let model = region.model
    let alpha = region.alpha
    var error: Float = 0
    let marked = region.planes.indices.filter { !model.isChroma($0) && !(model.isInk && $0 == 3) }
    for index in marked {
      // A plane that is held here would be copied for each line.
      let (width, top) = (region.planes[index].width, Float(region.planes[index].maxValue))
      let scale = (model.isInk && !model.isInverted ? -1 : 1) * top / 255
      let subsampling = region.planes[index].horizontalSubsampling
      let lines = region.planes[index].verticalSubsampling
      if line % lines != 0 { continue }
      let start = line / lines * width
      region.planes[index].samples.withUnsafeMutableBufferPointer { samples in
        row.withUnsafeBufferPointer { row in
          guard let target = samples.baseAddress.map({ $0 + start }) else { return }
          if alpha == nil && width == row.count {
            error += Self.add(row, to: target, scale: scale, top: top)
            return
          }
          for x in 0..<width {
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
    return Double(error) / Double(marked.count)
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
