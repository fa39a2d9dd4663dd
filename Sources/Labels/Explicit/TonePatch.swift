internal import MediaCore

/// The luma under a rectangle of the picture as displayed, row by row.
struct TonePatch {
  /// Display coordinates.
  let rect: PixelRect
  let width: Int
  let height: Int
  /// 0 … 255.
  let luma: [Int32]

  /// Reads the pixels shown in `rect` (display coordinates, inside the frame).
  init(_ frame: any Frame, shown rect: PixelRect) throws(MediaError) {
    let orientation = frame.orientation
    let display = orientation.displaySize(ofStored: frame.size)
    let region = try frame.readRegion(orientation.storedRect(displayed: rect, display: display))
    let stored = DisplayedTone.luma(region)
    func offset(_ x: Int, _ y: Int) -> Int {
      let point = orientation.storedPoint(displayX: rect.x + x, y: rect.y + y, display: display)
      return (point.y - region.rect.y) * region.rect.width + point.x - region.rect.x
    }
    let start = offset(0, 0)
    let right = offset(1, 0) - start
    let down = offset(0, 1) - start
    var luma: [Int32] = []
    luma.reserveCapacity(rect.width * rect.height)
    for y in 0..<rect.height {
      var index = start + y * down
      for _ in 0..<rect.width {
        luma.append(Int32(stored[index] * 255 + 0.5))
        index += right
      }
    }
    self.init(rect: rect, width: rect.width, height: rect.height, luma: luma)
  }

  private init(rect: PixelRect, width: Int, height: Int, luma: [Int32]) {
    self.rect = rect
    self.width = width
    self.height = height
    self.luma = luma
  }

  /// The patch at `scale`, each value the mean over the area it stands for; a rim of `rim` values is added
  /// on every side that repeats the edge.
  func scaled(by scale: Double, rim: Int) -> TonePatch {
    let columns = AxisMeans(count: width, scale: scale, rim: rim)
    let rows = AxisMeans(count: height, scale: scale, rim: rim)
    var narrow = [Float](repeating: 0, count: columns.count * height)
    var result = [Int32](repeating: 0, count: columns.count * rows.count)
    luma.withUnsafeBufferPointer { luma in
      narrow.withUnsafeMutableBufferPointer { narrow in
        for y in 0..<height {
          for x in 0..<columns.count {
            narrow[y * columns.count + x] = columns.mean(x) { Float(luma[y * width + $0]) }
          }
        }
        for y in 0..<rows.count {
          for x in 0..<columns.count {
            result[y * columns.count + x] = Int32(rows.mean(y) { narrow[$0 * columns.count + x] } + 0.5)
          }
        }
      }
    }
    return TonePatch(rect: rect, width: columns.count, height: rows.count, luma: result)
  }
}

/// Which source values along an axis each scaled value is the mean of.
private struct AxisMeans {
  private var firsts: [Int] = []
  private var lasts: [Int] = []
  /// The share of the first and the last source value that belongs to the mean, and one over the whole.
  private var heads: [Float] = []
  private var tails: [Float] = []
  private let scale: Float
  var count: Int { firsts.count }

  /// Scales `count` values; `rim` further ones on either side repeat the edge.
  init(count: Int, scale: Double, rim: Int) {
    let length = min(1 / scale, Double(count))
    self.scale = Float(1 / length)
    let scaled = max(1, Int((Double(count) * scale).rounded(.down)))
    for index in -rim..<scaled + rim {
      let start = min(max(Double(index) / scale, 0), Double(count) - length)
      let end = start + length
      let first = min(Int(start), count - 1)
      let last = min(max(Int(end.rounded(.up)) - 1, first), count - 1)
      firsts.append(first)
      lasts.append(last)
      heads.append(Float(min(end, Double(first + 1)) - start))
      tails.append(last > first ? Float(end - Double(last)) : 0)
    }
  }

  @inline(__always)
  func mean(_ index: Int, _ value: (Int) -> Float) -> Float {
    let first = firsts[index]
    let last = lasts[index]
    var sum = value(first) * heads[index]
    if last > first {
      sum += value(last) * tails[index]
      var position = first + 1
      while position < last {
        sum += value(position)
        position &+= 1
      }
    }
    return sum * scale
  }
}
