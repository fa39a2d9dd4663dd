internal import CSignal
internal import MediaCore

/// What a region looks like: one value a pixel of `region.rect`, row by row.
enum DisplayedTone {
  /// Calls `body` with every `step`th row and, of every `step`th pixel in it, the bin of its relative luminance (WCAG 2, from sRGB), in
  /// `luminanceBins` from 0 to 1, over a backdrop of encoded grey `backdrop` where the region is not opaque.
  @inline(__always)
  static func forEachRow(
    of region: Region, step: Int, backdrop: Float,
    _ body: (_ y: Int, _ bins: UnsafeBufferPointer<UInt16>) -> Void
  ) {
    var row = DisplayedRow(width: region.rect.width, step: step)
    var bins = [UInt16](repeating: 0, count: row.count)
    for y in stride(from: 0, to: region.rect.height, by: step) {
      row.read(region, y: y, backdrop: backdrop)
      row.luminance(into: &bins)
      bins.withUnsafeBufferPointer { body(y, $0) }
    }
  }

  /// Luminances that are told apart.
  static let luminanceBins = Int(tm_luminance_bins)

  /// Encoded luma (BT.601), 0 … 1: what a correlation compares.
  static func luma(_ region: Region) -> [Float] {
    let width = region.rect.width
    var row = DisplayedRow(width: width, step: 1)
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

/// Every so many pixels of one row of a region as encoded red, green and blue, 0 … 1, by the conversions a plain viewer makes.
private struct DisplayedRow {
  var red: [Float]
  var green: [Float]
  var blue: [Float]
  private var black: [Float]
  private var alpha: [Float]
  private let step: Int
  /// Pixels that are looked at.
  var count: Int { red.count }

  init(width: Int, step: Int) {
    self.step = step
    red = [Float](repeating: 0, count: (width + step - 1) / step)
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
    Self.load(planes[0], y: y, step: step, into: &red)
    if region.model == .gray {
      green = red
      blue = red
    } else {
      Self.load(planes[1], y: y, step: step, into: &green)
      Self.load(planes[2], y: y, step: step, into: &blue)
    }
    switch region.model {
    case .gray, .rgb: break
    case .ycbcr: convertFromYCbCr(middle: Self.middle(planes[1]))
    case .cmyk(let inverted):
      Self.load(planes[3], y: y, step: step, into: &black)
      print(inverted: inverted)
    case .ycck(let inverted):
      Self.load(planes[3], y: y, step: step, into: &black)
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
      Self.load(plane, y: y, step: step, into: &alpha)
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

  private static func load(_ plane: SamplePlane, y: Int, step: Int, into row: inout [Float]) {
    guard plane.width > 0, plane.height > 0, !row.isEmpty else { return }
    let start = min(y / plane.verticalSubsampling, plane.height - 1) * plane.width
    let scale = 1 / Float(max(plane.white, plane.black + 1) - plane.black)
    let black = Float(plane.black)
    let (subsampling, last) = (plane.horizontalSubsampling, plane.width - 1)
    plane.samples.withUnsafeBufferPointer { samples in
      guard let line = samples.baseAddress.map({ $0 + start }) else { return }
      if subsampling <= 2, (row.count - 1) * step / subsampling <= last {
        tm_tones_load(
          line, Int32(row.count), Int32(step), Int32(subsampling - 1), black, scale, &row)
        return
      }
      // A division for every pixel would cost more than all the rest.
      var (sample, pixel) = (0, 0)
      for x in row.indices {
        row[x] = (Float(line[min(sample, last)]) - black) * scale
        pixel += step
        while pixel >= subsampling {
          pixel -= subsampling
          sample += 1
        }
      }
    }
  }

  /// The bins of luminance of all pixels.
  func luminance(into bins: inout [UInt16]) {
    SRGB.withTable { tm_tones_luminance(red, green, blue, Int32(red.count), $0, &bins) }
  }

  private mutating func convertFromYCbCr(middle: Float) {
    tm_tones_from_ycbcr(&red, &green, &blue, Int32(red.count), middle)
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
