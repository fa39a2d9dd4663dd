internal import MediaCore

/// Regions of the pictures that nearly all files hold: a sample is a byte of its own and stands for itself. They go
/// between scanline and plane without a line of samples in between.
extension PNGFrame {
  /// Whether no sample is packed, of 16 bits, interlaced, a palette's index or a key of transparency.
  var hasPlainBytes: Bool { header.depth == 8 && !header.isInterlaced && palette == nil && key == nil }

  /// The planes of `rect`, colours first, then alpha if there is any.
  func readPlainPlanes(_ rect: PixelRect) -> [[UInt16]] {
    let channels = header.colorType.channels
    raster.unfilter(rect.y..<rect.maxY, of: 0)
    return (0..<channels).map { channel in
      [UInt16](unsafeUninitializedCapacity: rect.width * rect.height) { plane, count in
        count = plane.count
        guard var target = plane.baseAddress else { return }
        for y in rect.y..<rect.maxY {
          let line = UnsafePointer(raster.row(y, of: 0)) + rect.x * channels + channel
          PNGPlainRow.read(line, step: channels, count: rect.width, into: target)
          target += rect.width
        }
      }
    }
  }

  /// Stores what differs of `planes`, which cover `rect`; the smallest rectangle around it.
  func writePlainPlanes(_ planes: [[UInt16]], _ rect: PixelRect) -> PixelRect {
    raster.unfilter(rect.y..<rect.maxY, of: 0)
    var changed: [Range<Int>] = []
    for line in 0..<rect.height { changed.append(changedColumns(planes, rect, line: line)) }
    var box = PixelRect(x: rect.x, y: rect.y, width: 0, height: 0)
    var line = 0
    while line < rect.height {
      guard !changed[line].isEmpty else {
        line += 1
        continue
      }
      let end = changed[line...].firstIndex(where: \.isEmpty) ?? rect.height
      raster.willChange(rect.y + line..<rect.y + end, of: 0)
      for line in line..<end {
        store(planes, rect, line: line, columns: changed[line])
        box = box.union(
          PixelRect(
            x: rect.x + changed[line].lowerBound, y: rect.y + line, width: changed[line].count, height: 1))
      }
      line = end
    }
    return box
  }

  private func changedColumns(_ planes: [[UInt16]], _ rect: PixelRect, line: Int) -> Range<Int> {
    var columns = rect.width..<rect.width
    let row = UnsafePointer(raster.row(rect.y + line, of: 0)) + rect.x * planes.count
    for (channel, plane) in planes.enumerated() {
      plane.withUnsafeBufferPointer {
        guard let samples = $0.baseAddress else { return }
        let found = PNGPlainRow.difference(
          row + channel, step: planes.count, count: rect.width, from: samples + line * rect.width)
        guard !found.isEmpty else { return }
        columns =
          columns.isEmpty
          ? found
          : min(columns.lowerBound, found.lowerBound)..<max(columns.upperBound, found.upperBound)
      }
    }
    return columns
  }

  private func store(_ planes: [[UInt16]], _ rect: PixelRect, line: Int, columns: Range<Int>) {
    let row = raster.row(rect.y + line, of: 0) + (rect.x + columns.lowerBound) * planes.count
    for (channel, plane) in planes.enumerated() {
      plane.withUnsafeBufferPointer {
        guard let samples = $0.baseAddress else { return }
        PNGPlainRow.write(
          samples + line * rect.width + columns.lowerBound, count: columns.count, into: row + channel,
          step: planes.count)
      }
    }
  }
}

/// One channel of a scanline of bytes, every `step`-th.
enum PNGPlainRow {
  /// `count` samples into `target`.
  static func read(
    _ row: UnsafePointer<UInt8>, step: Int, count: Int, into target: UnsafeMutablePointer<UInt16>
  ) {
    // A step known to the compiler makes vectors of the loop.
    switch step {
    case 1: for i in 0..<count { target[i] = UInt16(row[i]) }
    case 3: for i in 0..<count { target[i] = UInt16(row[3 &* i]) }
    case 4: for i in 0..<count { target[i] = UInt16(row[4 &* i]) }
    default: for i in 0..<count { target[i] = UInt16(row[step &* i]) }
    }
  }

  /// `count` samples, none above 255, into the scanline.
  static func write(
    _ samples: UnsafePointer<UInt16>, count: Int, into row: UnsafeMutablePointer<UInt8>, step: Int
  ) {
    switch step {
    case 1: for i in 0..<count { row[i] = UInt8(truncatingIfNeeded: samples[i]) }
    case 3: for i in 0..<count { row[3 &* i] = UInt8(truncatingIfNeeded: samples[i]) }
    default: for i in 0..<count { row[step &* i] = UInt8(truncatingIfNeeded: samples[i]) }
    }
  }

  /// From the first sample that differs to the last; empty for none.
  static func difference(
    _ row: UnsafePointer<UInt8>, step: Int, count: Int, from samples: UnsafePointer<UInt16>
  ) -> Range<Int> {
    var first = 0
    while first < count, UInt16(row[step &* first]) == samples[first] { first &+= 1 }
    guard first < count else { return count..<count }
    var end = count
    while UInt16(row[step &* (end &- 1)]) == samples[end &- 1] { end &-= 1 }
    return first..<end
  }
}
