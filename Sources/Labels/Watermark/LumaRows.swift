internal import MediaCore

/// Rows of a picture's luma that lie one behind the other.
struct LumaStrip {
  /// The first of the rows, a multiple of as many as were asked for.
  let y: Int
  let count: Int
  let width: Int
  /// `width` × `count`.
  let values: UnsafePointer<Float>
}

/// The luma of a picture read from top to bottom by the shortest way that the frame offers: BT.601, 0 … 255, on white where it
/// is not opaque.
enum LumaRows {
  /// Calls `body` with each row.
  static func forEach(
    of frame: any Frame, _ body: (_ y: Int, _ luma: UnsafePointer<Float>) -> Void
  ) throws(MediaError) {
    let size = frame.size
    guard let packed = frame as? any PackedFrame, let channels = packed.packedChannels else {
      return try LumaBand.forEach(of: frame) { (region, luma) in
        for y in 0..<region.rect.height { body(region.rect.y + y, luma + y * size.width) }
      }
    }
    let luma = UnsafeMutablePointer<Float>.allocate(capacity: size.width)
    defer { luma.deallocate() }
    try packed.readPackedRows(0..<size.height) { y, row in
      PackedRow.luma(row, channels, count: size.width, into: luma)
      body(y, luma)
    }
  }

  /// Calls `body` with strips for what takes several rows, `rows` of them: a power of two, 64 at most. Strips may hold more, and the last
  /// fewer.
  static func forEachStrip(
    of frame: any Frame, rows stripRows: Int, _ body: (LumaStrip) -> Void
  ) throws(MediaError) {
    let size = frame.size
    guard let packed = frame as? any PackedFrame, let channels = packed.packedChannels else {
      return try LumaBand.forEach(of: frame) { (region, luma) in
        body(LumaStrip(y: region.rect.y, count: region.rect.height, width: size.width, values: luma))
      }
    }
    let luma = UnsafeMutablePointer<Float>.allocate(capacity: stripRows * size.width)
    defer { luma.deallocate() }
    try packed.readPackedRows(0..<size.height) { y, row in
      let place = y % stripRows
      PackedRow.luma(row, channels, count: size.width, into: luma + place * size.width)
      if place == stripRows - 1 || y == size.height - 1 {
        body(LumaStrip(y: y - place, count: place + 1, width: size.width, values: luma))
      }
    }
  }
}

/// Blue less luma, which a copy of the mark is drawn in, read from top to bottom.
enum BluenessRows {
  /// Calls `body` with each row, grey levels; not at all for a picture without colours.
  static func forEach(
    of frame: any Frame, _ body: (_ y: Int, _ blueness: UnsafePointer<Float>) -> Void
  ) throws(MediaError) {
    let size = frame.size
    let row = UnsafeMutablePointer<Float>.allocate(capacity: size.width)
    defer { row.deallocate() }
    if let packed = frame as? any PackedFrame, let channels = packed.packedChannels {
      guard channels.rawValue >= 3 else { return }
      return try packed.readPackedRows(0..<size.height) { y, samples in
        PackedRow.blueness(samples, channels, count: size.width, into: row)
        body(y, row)
      }
    }
    for y in stride(from: 0, to: size.height, by: LumaBand.rows) {
      let rect = PixelRect(x: 0, y: y, width: size.width, height: min(LumaBand.rows, size.height - y))
      let region = try frame.readRegion(rect)
      guard region.rect == rect, region.model == .ycbcr || region.model == .rgb, region.planes.count >= 3
      else { return }
      for line in 0..<rect.height {
        // Lines of one line of the chroma are alike.
        if region.model == .rgb || line % region.planes[1].verticalSubsampling == 0 {
          read(region, line: line, count: rect.width, into: row)
        }
        body(y + line, row)
      }
    }
  }

  private static func read(_ region: Region, line: Int, count: Int, into row: UnsafeMutablePointer<Float>) {
    if region.model == .rgb {
      let scale = 255 / Float(max(1, region.planes[0].maxValue))
      let start = line * count
      let (red, green, blue) = (region.planes[0].samples, region.planes[1].samples, region.planes[2].samples)
      for x in start..<start + count {
        let luma = 0.299 * Float(red[x]) + 0.587 * Float(green[x]) + 0.114 * Float(blue[x])
        row[x - start] = (Float(blue[x]) - luma) * scale
      }
      return
    }
    let plane = region.planes[1]
    // Cb is (B - Y) / 1.772 (BT.601).
    let scale = 1.772 * 255 / Float(max(1, plane.maxValue))
    let start = min(line / plane.verticalSubsampling, plane.height - 1) * plane.width
    let (step, last) = (plane.horizontalSubsampling, plane.width - 1)
    plane.samples.withUnsafeBufferPointer { samples in
      guard step > 1 else {
        for x in 0..<count { row[x] = Float(samples[start + min(x, last)]) * scale }
        return
      }
      for x in stride(from: 0, to: count, by: step) {
        let value = Float(samples[start + min(x / step, last)]) * scale
        for place in x..<min(x + step, count) { row[place] = value }
      }
    }
  }
}
