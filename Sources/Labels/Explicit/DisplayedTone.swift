internal import CSignal
internal import MediaCore

/// What a region looks like: one value a pixel of `region.rect`, row by row.
enum DisplayedTone {
  /// Of every `step`th pixel in every `step`th row the bin of its relative luminance (WCAG 2, from sRGB), in `luminanceBins` from 0 to 1,
  /// over a backdrop of encoded grey `backdrop` where the region is not opaque.
  static func luminances(of region: Region, step: Int, backdrop: Float) -> [UInt16] {
    let (columns, rows) = ((region.rect.width + step - 1) / step, (region.rect.height + step - 1) / step)
    return [UInt16](unsafeUninitializedCapacity: columns * rows) { bins, count in
      count = columns * rows
      guard count > 0, let first = bins.baseAddress else { return }
      DisplayedRow.forEach(of: region, step: step, backdrop: backdrop) { y, row in
        row.luminance(into: first + y / step * columns)
      }
    }
  }

  /// Luminances that are told apart.
  static let luminanceBins = Int(tm_luminance_bins)

  /// Encoded luma (BT.601), 0 … 1: what a correlation compares.
  static func luma(_ region: Region) -> [Float] {
    let width = region.rect.width
    return [Float](unsafeUninitializedCapacity: width * region.rect.height) { result, count in
      count = width * region.rect.height
      DisplayedRow.forEach(of: region, step: 1, backdrop: 1) { y, row in
        for x in 0..<width {
          result[y * width + x] = 0.299 * row.red[x] + 0.587 * row.green[x] + 0.114 * row.blue[x]
        }
      }
    }
  }
}

/// Every so many pixels of one row of a region as encoded red, green and blue, 0 … 1, by the conversions a plain viewer makes. Trivial to
/// copy, for rows are many and short.
private struct DisplayedRow {
  typealias Tones = UnsafeMutablePointer<Float>

  /// One value a pixel each.
  let red: Tones
  let green: Tones
  let blue: Tones
  private let black: Tones
  private let alpha: Tones
  private let count: Int
  private let step: Int
  private let model: ColorModel

  /// Calls `body` with every `step`th row.
  static func forEach(
    of region: Region, step: Int, backdrop: Float, _ body: (_ y: Int, DisplayedRow) -> Void
  ) {
    let count = (region.rect.width + step - 1) / step
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 5 * count) { tones in
      guard count > 0, let first = tones.baseAddress else { return }
      tones.initialize(repeating: 0)
      let row = DisplayedRow(
        red: first, green: first + count, blue: first + 2 * count, black: first + 3 * count,
        alpha: first + 4 * count, count: count, step: step, model: region.model)
      SampleRows.with(region.planes + (region.alpha.map { [$0] } ?? [])) { planes in
        for y in stride(from: 0, to: region.rect.height, by: step) {
          row.read(planes, y: y, backdrop: region.alpha == nil ? nil : backdrop)
          body(y, row)
        }
      }
    }
  }

  /// Reads row `y` of `planes`, the last of which is the opacity over a `backdrop` if there is one.
  private func read(_ planes: [SampleRows], y: Int, backdrop: Float?) {
    load(planes[0], y, red)
    if model == .gray {
      green.update(from: red, count: count)
      blue.update(from: red, count: count)
    } else {
      load(planes[1], y, green)
      load(planes[2], y, blue)
    }
    switch model {
    case .gray, .rgb: break
    case .ycbcr: tm_tones_from_ycbcr(red, green, blue, Int32(count), planes[1].middle)
    case .cmyk(let inverted):
      load(planes[3], y, black)
      print(inverted: inverted)
    case .ycck(let inverted):
      load(planes[3], y, black)
      tm_tones_from_ycbcr(red, green, blue, Int32(count), planes[1].middle)
      // R = 1 - C as stored (Adobe technical note 5116, transform 2).
      for x in 0..<3 * count { red[x] = 1 - red[x] }
      print(inverted: inverted)
    }
    guard let backdrop, let opacity = planes.last else { return }
    load(opacity, y, alpha)
    for tones in [red, green, blue] {
      for x in 0..<count { tones[x] = backdrop + (tones[x] - backdrop) * alpha[x] }
    }
  }

  private func load(_ plane: SampleRows, _ y: Int, _ row: Tones) {
    guard let line = plane.row(y) else { return }
    if plane.subsampling <= 2, (count - 1) * step / plane.subsampling <= plane.last {
      tm_tones_load(
        line, Int32(count), Int32(step), Int32(plane.subsampling - 1), plane.black, plane.scale, row)
      return
    }
    // A division for every pixel would cost more than all the rest.
    var (sample, pixel) = (0, 0)
    for x in 0..<count {
      row[x] = (Float(line[min(sample, plane.last)]) - plane.black) * plane.scale
      pixel += step
      while pixel >= plane.subsampling {
        pixel -= plane.subsampling
        sample += 1
      }
    }
  }

  /// The bins of luminance of all pixels.
  func luminance(into bins: UnsafeMutablePointer<UInt16>) {
    tm_tones_luminance(red, green, blue, Int32(count), SRGB.shares, bins)
  }

  /// The naive conversion: what is left of white after each ink.
  private func print(inverted: Bool) {
    for x in 0..<count {
      let paper = inverted ? black[x] : 1 - black[x]
      red[x] = paper * (inverted ? red[x] : 1 - red[x])
      green[x] = paper * (inverted ? green[x] : 1 - green[x])
      blue[x] = paper * (inverted ? blue[x] : 1 - blue[x])
    }
  }
}

/// The rows of a plane of samples, while it is held. Trivial to copy.
private struct SampleRows {
  let subsampling: Int
  /// Of a row's samples.
  let last: Int
  /// What makes tones 0 … 1 of samples, and the tone of no colour difference.
  let black: Float
  let scale: Float
  let middle: Float
  private let samples: UnsafeBufferPointer<UInt16>
  private let height: Int
  private let verticalSubsampling: Int

  private init(_ plane: SamplePlane, _ samples: UnsafeBufferPointer<UInt16>) {
    self.samples = samples
    subsampling = plane.horizontalSubsampling
    last = plane.width - 1
    black = Float(plane.black)
    let range = Float(max(plane.white, plane.black + 1) - plane.black)
    scale = 1 / range
    middle = ((Float(plane.maxValue) + 1) / 2 - Float(plane.black)) / range
    (height, verticalSubsampling) = (plane.height, plane.verticalSubsampling)
  }

  /// Calls `body` with those of all `planes`.
  static func with(_ planes: [SamplePlane], _ found: [SampleRows] = [], _ body: ([SampleRows]) -> Void) {
    guard found.count < planes.count else { return body(found) }
    let plane = planes[found.count]
    plane.samples.withUnsafeBufferPointer { with(planes, found + [SampleRows(plane, $0)], body) }
  }

  /// The samples of row `y` of pixels; nil where there are none.
  func row(_ y: Int) -> UnsafePointer<UInt16>? {
    guard last >= 0, height > 0 else { return nil }
    return samples.baseAddress.map { $0 + min(y / verticalSubsampling, height - 1) * (last + 1) }
  }
}
