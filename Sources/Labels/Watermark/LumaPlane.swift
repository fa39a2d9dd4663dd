internal import MediaCore

/// One float a pixel, row by row.
struct LumaPlane {
  let width: Int
  let height: Int
  var values: [Float]

  init(width: Int, height: Int, values: [Float]? = nil) {
    self.width = width
    self.height = height
    self.values = values ?? [Float](repeating: 0, count: width * height)
  }

  /// The plane at `scale` ≤ 1, each value the mean of the area it stands for.
  func reduced(by scale: Double) -> LumaPlane {
    let target = (max(8, Int(Double(width) * scale)), max(8, Int(Double(height) * scale)))
    var reducer = LumaReducer(width: width, height: height, to: target)
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      for y in 0..<height { reducer.add(base + y * width, y: y) }
    }
    return reducer.plane
  }
}

/// Averages rows of a picture into a smaller plane as they come.
struct LumaReducer {
  private(set) var plane: LumaPlane
  private let source: (width: Int, height: Int)
  private var line: [Float]

  /// `target` must not be larger than the source.
  init(width: Int, height: Int, to target: (width: Int, height: Int)) {
    source = (width, height)
    plane = LumaPlane(width: min(width, target.width), height: min(height, target.height))
    line = [Float](repeating: 0, count: plane.width)
  }

  /// Adds row `y`.
  mutating func add(_ row: UnsafePointer<Float>, y: Int) {
    narrow(row)
    let scale = Double(plane.height) / Double(source.height)
    let (top, bottom) = (Double(y) * scale, Double(y + 1) * scale)
    let first = min(Int(top), plane.height - 1)
    let last = min(Int(bottom), plane.height - 1)
    if first == last {
      accumulate(first, Float(bottom - top))
    } else {
      accumulate(first, Float(Double(last) - top))
      accumulate(last, Float(bottom - Double(last)))
    }
  }

  private mutating func accumulate(_ row: Int, _ weight: Float) {
    let width = plane.width
    plane.values.withUnsafeMutableBufferPointer { values in
      line.withUnsafeBufferPointer { line in
        for x in 0..<width { values[row &* width &+ x] += line[x] * weight }
      }
    }
  }

  private mutating func narrow(_ row: UnsafePointer<Float>) {
    let (from, to) = (source.width, plane.width)
    line.withUnsafeMutableBufferPointer { line in
      if from == to {
        for x in 0..<to { line[x] = row[x] }
        return
      }
      let length = Float(from) / Float(to)
      let share = 1 / length
      for x in 0..<to {
        let (start, end) = (Float(x) * length, Float(x + 1) * length)
        let first = Int(start)
        let last = min(Int(end), from - 1)
        var sum = row[first] * (Float(first + 1) - start)
        var place = first + 1
        while place < last {
          sum += row[place]
          place &+= 1
        }
        if last > first { sum += row[last] * (end - Float(last)) }
        line[x] = sum * share
      }
    }
  }
}
