internal import CSignal
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
    reduced(to: (max(8, Int(Double(width) * scale)), max(8, Int(Double(height) * scale))))
  }

  /// The plane with that many values at most, each the mean of the area it stands for.
  func reduced(to target: (width: Int, height: Int)) -> LumaPlane {
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
  // Columns of the row of the plane that is being added up.
  private var sums: [Float]
  /// Of which columns each column of the plane is the mean; none where it is as wide as the source.
  private let areas: [Area]

  /// From a part of a column to a part of another.
  private struct Area {
    let first: Int
    let last: Int
    let head: Float
    let tail: Float
  }

  /// `target` must not be larger than the source.
  init(width: Int, height: Int, to target: (width: Int, height: Int)) {
    source = (width, height)
    plane = LumaPlane(width: min(width, target.width), height: min(height, target.height))
    sums = [Float](repeating: 0, count: width)
    areas = plane.width == width ? [] : Self.areas(of: plane.width, over: width)
  }

  private static func areas(of count: Int, over width: Int) -> [Area] {
    let length = Float(width) / Float(count)
    return (0..<count).map { x in
      let (start, end) = (Float(x) * length, Float(x + 1) * length)
      let first = Int(start)
      let last = min(Int(end), width - 1)
      return Area(
        first: first, last: last, head: Float(first + 1) - start, tail: last > first ? end - Float(last) : 0)
    }
  }

  /// Adds row `y`: rows come in order.
  mutating func add(_ row: UnsafePointer<Float>, y: Int) {
    if isInner(y) { return addInner(row) }
    let (top, bottom) = (Double(y) * share, Double(y + 1) * share)
    let first = min(Int(top), plane.height - 1)
    let last = min(Int(bottom), plane.height - 1)
    accumulate(row, Float((last > first ? Double(last) : bottom) - top))
    narrow(into: first)
    sums.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    // Where rows end together, nothing of this one goes on.
    if last > first, bottom > Double(last) { accumulate(row, Float(bottom - Double(last))) }
    if last > first, y == source.height - 1 { narrow(into: last) }
  }

  /// Whether row `y` and the one behind it are of one row of the plane.
  func isInner(_ y: Int) -> Bool {
    y < source.height - 1 && Int(Double(y) * share) == Int(Double(y + 1) * share)
  }

  /// Adds a row for which `isInner`, or the sum of several that follow each other.
  mutating func addInner(_ row: UnsafePointer<Float>) {
    accumulate(row, Float(share))
  }

  /// Rows of the plane to one of the source.
  private var share: Double { Double(plane.height) / Double(source.height) }

  private mutating func accumulate(_ row: UnsafePointer<Float>, _ weight: Float) {
    tm_add_scaled(row, weight, &sums, Int32(sums.count))
  }

  private mutating func narrow(into row: Int) {
    let (from, to) = (source.width, plane.width)
    plane.values.withUnsafeMutableBufferPointer { values in
      sums.withUnsafeBufferPointer { sums in
        guard let line = values.baseAddress.map({ $0 + row * to }) else { return }
        if from == to {
          for x in 0..<to { line[x] = sums[x] }
          return
        }
        let share = 1 / (Float(from) / Float(to))
        if from == 2 * to {
          sums.baseAddress.map { tm_row_halve($0, Int32(to), share, line) }
          return
        }
        areas.withUnsafeBufferPointer { areas in
          for x in 0..<to {
            let area = areas[x]
            var sum = sums[area.first] * area.head
            var place = area.first &+ 1
            while place < area.last {
              sum += sums[place]
              place &+= 1
            }
            line[x] = (sum + sums[area.last] * area.tail) * share
          }
        }
      }
    }
  }
}
