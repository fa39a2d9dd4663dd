internal import MediaCore

/// What a region looks like: one value a pixel of `region.rect`, row by row.
enum DisplayedTone {
  /// Calls `body` with every `step`th row and its relative luminance (WCAG 2, from sRGB), 0 … 1, by column, over a
  /// backdrop of encoded grey `backdrop` where the region is not opaque.
  @inline(__always)
  static func forEachRow(
    of region: Region, step: Int, backdrop: Float, _ body: (_ y: Int, _ luminance: Luminance) -> Void
  ) {
    var row = DisplayedRow(width: region.rect.width)
    SRGB.withTable { table in
      for y in stride(from: 0, to: region.rect.height, by: step) {
        row.read(region, y: y, backdrop: backdrop)
        row.withPointers { body(y, Luminance(table: table, red: $0, green: $1, blue: $2)) }
      }
    }
  }

  /// The relative luminance of one row by column; valid inside `forEachRow`.
  struct Luminance {
    fileprivate let table: SRGB.Table
    fileprivate let red: UnsafePointer<Float>
    fileprivate let green: UnsafePointer<Float>
    fileprivate let blue: UnsafePointer<Float>

    @inline(__always)
    subscript(_ x: Int) -> Float {
      0.2126 * table.linear(red[x]) + 0.7152 * table.linear(green[x]) + 0.0722 * table.linear(blue[x])
    }
  }

  /// Encoded luma (BT.601), 0 … 1: what a correlation compares.
  static func luma(_ region: Region) -> [Float] {
    let width = region.rect.width
    var row = DisplayedRow(width: width)
    return [Float](unsafeUninitializedCapacity: width * region.rect.height) { result, count in
      count = width * region.rect.height
      for y in 0..<region.rect.height {
        row.read(region, y: y, backdrop: 1)
        row.withPointers { red, green, blue in
          for x in 0..<width {
            result[y * width + x] = 0.299 * red[x] + 0.587 * green[x] + 0.114 * blue[x]
          }
        }
      }
    }
  }
}

/// One row of a region as encoded red, green and blue, 0 … 1, by the conversions a plain viewer makes.
private struct DisplayedRow {
  var red: [Float]
  var green: [Float]
  var blue: [Float]
  private var black: [Float]
  private var alpha: [Float]

  init(width: Int) {
    red = [Float](repeating: 0, count: width)
    green = red
    blue = red
    black = red
    alpha = red
  }

  /// The three rows, one value a pixel.
  @inline(__always)
  func withPointers(
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Void
  ) {
    red.withUnsafeBufferPointer { red in
      green.withUnsafeBufferPointer { green in
        blue.withUnsafeBufferPointer { blue in
          if let red = red.baseAddress, let green = green.baseAddress, let blue = blue.baseAddress {
            body(red, green, blue)
          }
        }
      }
    }
  }

  mutating func read(_ region: Region, y: Int, backdrop: Float) {
    let planes = region.planes
    Self.load(planes[0], y: y, into: &red)
    if region.model == .gray {
      green = red
      blue = red
    } else {
      Self.load(planes[1], y: y, into: &green)
      Self.load(planes[2], y: y, into: &blue)
    }
    switch region.model {
    case .gray, .rgb: break
    case .ycbcr: convertFromYCbCr(middle: Self.middle(planes[1]))
    case .cmyk(let inverted):
      Self.load(planes[3], y: y, into: &black)
      print(inverted: inverted)
    case .ycck(let inverted):
      Self.load(planes[3], y: y, into: &black)
      convertFromYCbCr(middle: Self.middle(planes[1]))
      // R = 1 - C as stored (Adobe technical note 5116, transform 2).
      for x in red.indices {
        red[x] = 1 - red[x]
        green[x] = 1 - green[x]
        blue[x] = 1 - blue[x]
      }
      print(inverted: inverted)
    }
    if let plane = region.alpha {
      Self.load(plane, y: y, into: &alpha)
      for x in red.indices {
        red[x] = backdrop + (red[x] - backdrop) * alpha[x]
        green[x] = backdrop + (green[x] - backdrop) * alpha[x]
        blue[x] = backdrop + (blue[x] - backdrop) * alpha[x]
      }
    }
  }

  private static func middle(_ plane: SamplePlane) -> Float {
    ((Float(plane.maxValue) + 1) / 2 - Float(plane.black))
      / Float(max(plane.white, plane.black + 1) - plane.black)
  }

  private static func load(_ plane: SamplePlane, y: Int, into row: inout [Float]) {
    guard plane.width > 0, plane.height > 0 else { return }
    let start = min(y / plane.verticalSubsampling, plane.height - 1) * plane.width
    let scale = 1 / Float(max(plane.white, plane.black + 1) - plane.black)
    let black = Float(plane.black)
    let (subsampling, last) = (plane.horizontalSubsampling, plane.width - 1)
    plane.samples.withUnsafeBufferPointer { samples in
      row.withUnsafeMutableBufferPointer { row in
        if subsampling == 1, last >= row.count - 1 {
          for x in 0..<row.count { row[x] = (Float(samples[start + x]) - black) * scale }
          return
        }
        if subsampling == 2, last >= (row.count - 1) / 2 {
          for x in 0..<row.count / 2 {
            let value = (Float(samples[start &+ x]) - black) * scale
            row[2 &* x] = value
            row[2 &* x &+ 1] = value
          }
          if row.count % 2 == 1 {
            row[row.count - 1] = (Float(samples[start + row.count / 2]) - black) * scale
          }
          return
        }
        // A division for every pixel would cost more than all the rest.
        var (sample, pixel) = (0, 0)
        for x in 0..<row.count {
          row[x] = (Float(samples[start + sample]) - black) * scale
          pixel += 1
          if pixel == subsampling {
            pixel = 0
            sample = min(sample + 1, last)
          }
        }
      }
    }
  }

  private mutating func convertFromYCbCr(middle: Float) {
    for x in red.indices {
      let luma = red[x]
      let cb = green[x] - middle
      let cr = blue[x] - middle
      red[x] = min(max(luma + 1.402 * cr, 0), 1)
      green[x] = min(max(luma - 0.344136 * cb - 0.714136 * cr, 0), 1)
      blue[x] = min(max(luma + 1.772 * cb, 0), 1)
    }
  }

  /// The naive conversion: what is left of white after each ink.
  private mutating func print(inverted: Bool) {
    for x in red.indices {
      let paper = inverted ? black[x] : 1 - black[x]
      red[x] = paper * (inverted ? red[x] : 1 - red[x])
      green[x] = paper * (inverted ? green[x] : 1 - green[x])
      blue[x] = paper * (inverted ? blue[x] : 1 - blue[x])
    }
  }
}
