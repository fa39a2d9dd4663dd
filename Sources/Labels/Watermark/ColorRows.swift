internal import MediaCore

/// A picture's colours as bytes, read from top to bottom.
enum ColorRows {
  typealias Body = (UnsafeBufferPointer<UInt8>) -> Void

  /// Rows of a band where few are wanted: those of a codec's blocks.
  private static let fewRows = 16

  /// Calls `body` with red, green and blue, 0 … 255, of the first of each `columns` pixels in the first of each `rows` rows. What is fully
  /// transparent is black. False, without a call, for a picture without colours.
  static func forEach(
    of frame: any Frame, columns: Int, rows: Int, _ body: Body
  ) throws(MediaError) -> Bool {
    let size = frame.size
    var row = [UInt8](repeating: 0, count: 3 * ((size.width + columns - 1) / columns))
    if let packed = frame as? any PackedFrame, let channels = packed.packedChannels {
      guard channels.rawValue >= 3 else { return false }
      for y in stride(from: 0, to: size.height, by: rows) {
        try packed.readPackedRow(y) { samples in
          if channels == .rgb && columns == 1 {
            return body(UnsafeBufferPointer(start: samples, count: 3 * size.width))
          }
          read(samples, channels, every: columns, into: &row)
          row.withUnsafeBufferPointer(body)
        }
      }
      return true
    }
    let band = rows < fewRows ? LumaBand.rows : fewRows
    for top in stride(from: 0, to: size.height, by: band) {
      let height = min(band, size.height - top)
      // Bands without a row that is wanted are not decoded.
      let first = (top + rows - 1) / rows * rows
      guard first < top + height else { continue }
      let rect = PixelRect(x: 0, y: top, width: size.width, height: height)
      let region = try frame.readRegion(rect)
      guard region.rect == rect, region.model == .ycbcr || region.model == .rgb, region.planes.count >= 3
      else { return false }
      for y in stride(from: first, to: top + height, by: rows) {
        read(region, line: y - top, every: columns, into: &row)
        row.withUnsafeBufferPointer(body)
      }
    }
    return true
  }

  private static func read(
    _ samples: UnsafePointer<UInt8>, _ channels: PackedChannels, every step: Int, into row: inout [UInt8]
  ) {
    let pitch = channels.rawValue * step
    for x in 0..<row.count / 3 {
      let pixel = samples + x &* pitch
      let isShown = !channels.hasAlpha || pixel[3] != 0
      for channel in 0..<3 { row[3 &* x &+ channel] = isShown ? pixel[channel] : 0 }
    }
  }

  private static func read(_ region: Region, line: Int, every step: Int, into row: inout [UInt8]) {
    let count = row.count / 3
    for (channel, plane) in region.planes.prefix(3).enumerated() {
      let start = min(line / plane.verticalSubsampling, plane.height - 1) * plane.width
      let (spacing, last, largest) = (plane.horizontalSubsampling, plane.width - 1, Int(plane.maxValue))
      plane.samples.withUnsafeBufferPointer { samples in
        row.withUnsafeMutableBufferPointer { row in
          var (place, passed) = (0, 0)
          for x in 0..<count {
            let sample = Int(samples[start &+ min(place, last)])
            row[3 &* x &+ channel] = UInt8(
              truncatingIfNeeded: largest == 255 ? sample : (255 * sample + largest / 2) / max(1, largest))
            passed += step
            while passed >= spacing { (place, passed) = (place + 1, passed - spacing) }
          }
        }
      }
    }
    if region.model == .ycbcr { row.withUnsafeMutableBufferPointer { convert($0, count: count) } }
    guard let alpha = region.alpha else { return }
    for x in 0..<count where alpha.samples[line * alpha.width + x * step] == 0 {
      for channel in 0..<3 { row[3 * x + channel] = 0 }
    }
  }

  /// Y, Cb and Cr to red, green and blue (JFIF, clause 7), in 65,536ths.
  private static func convert(_ row: UnsafeMutableBufferPointer<UInt8>, count: Int) {
    for x in 0..<count {
      let luma = Int32(row[3 &* x]) << 16 &+ 1 << 15
      let (cb, cr) = (Int32(row[3 &* x &+ 1]) &- 128, Int32(row[3 &* x &+ 2]) &- 128)
      row[3 &* x] = byte(luma &+ 91881 &* cr)
      row[3 &* x &+ 1] = byte(luma &- 22554 &* cb &- 46802 &* cr)
      row[3 &* x &+ 2] = byte(luma &+ 116130 &* cb)
    }
  }

  @inline(__always)
  private static func byte(_ value: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: min(max(value >> 16, 0), 255))
  }
}
