internal import CSignal

/// The tiles of a lattice added up, every other cell of them each way: enough for their waves, which have less than half as
/// many cycles, and a quarter of the work.
enum TileFold {
  /// Values along a side.
  static let side = 32

  /// The sum over `residual`, whose values lie `offset` pixels right and down of their pixels; over `limit` tiles each way
  /// around `place`, pixels from the plane's middle, where there is a limit.
  static func of(
    _ residual: LumaPlane, _ lattice: Lattice, offset: Double, limit: Int? = nil,
    around place: (x: Double, y: Double) = (0, 0)
  ) -> [Float] {
    let tiles = Tiles(residual, lattice, offset, limit, place)
    var sum = [Float](repeating: 0, count: side * side)
    sum.withUnsafeMutableBufferPointer { sum in
      residual.values.withUnsafeBufferPointer { source in
        guard let source = source.baseAddress, let sum = sum.baseAddress else { return }
        if lattice.ay == 0 && lattice.bx == 0 {
          tiles.foldUpright(source, into: sum)
        } else {
          tiles.fold(source, into: sum)
        }
      }
    }
    return sum
  }

  /// Which tiles of which lattice.
  private struct Tiles {
    let columns: Range<Int>
    let rows: Range<Int>
    let lattice: Lattice
    let width: Int
    let height: Int
    // Where tile (0, 0) starts, pixels.
    let startX: Double
    let startY: Double

    init(
      _ residual: LumaPlane, _ lattice: Lattice, _ offset: Double, _ limit: Int?,
      _ place: (x: Double, y: Double)
    ) {
      self.lattice = lattice
      (width, height) = (residual.width, residual.height)
      let (centreX, centreY) = (Double(width) / 2 - 0.5, Double(height) / 2 - 0.5)
      (startX, startY) = (centreX - offset, centreY - offset)
      let map = TileMap(lattice)
      var (lowU, highU, lowV, highV) = (
        Double.infinity, -Double.infinity, Double.infinity, -Double.infinity
      )
      for (sx, sy) in [(-1.0, -1.0), (1, -1), (-1, 1), (1, 1)] {
        let (u, v) = map.tile(sx * centreX, sy * centreY)
        (lowU, highU, lowV, highV) = (min(lowU, u), max(highU, u), min(lowV, v), max(highV, v))
      }
      func whole(_ low: Double, _ high: Double, _ middle: Double) -> Range<Int> {
        let (first, last) = (Int(low.rounded(.down)), Int(high.rounded(.up)))
        guard let limit else { return first..<max(first + 1, min(last, first + TileFold.mostTiles)) }
        let start = Int((middle - Double(limit) / 2).rounded())
        return max(first, start)..<max(max(first, start) + 1, min(last, start + limit))
      }
      let middle = map.tile(place.x, place.y)
      columns = whole(lowU, highU, middle.u)
      rows = whole(lowV, highV, middle.v)
    }

    private var step: Double { 1 / Double(TileFold.side) }

    func fold(_ source: UnsafePointer<Float>, into sum: UnsafeMutablePointer<Float>) {
      let side = TileFold.side
      let (dx, dy) = (lattice.ax * step, lattice.ay * step)
      let u = Double(columns.lowerBound) + 0.5 * step
      for row in 0..<rows.count * side {
        let v = Double(rows.lowerBound) + (Double(row) + 0.5) * step
        let point = lattice.point(u, v)
        let (x, y) = (point.x + startX, point.y + startY)
        let range = Unwarp.inside(
          x, dx, Double(width) - 1.01, y, dy, Double(height) - 1.01, count: columns.count * side)
        guard !range.isEmpty else { continue }
        let line = sum + row % side * side
        let start = (x + Double(range.lowerBound) * dx, y + Double(range.lowerBound) * dy)
        var places = tm_sample_line(
          plane: source, width: Int32(width), count: Int32(range.count), x: Float(start.0), y: Float(start.1),
          step_x: Float(dx), step_y: Float(dy))
        tm_sample_add(&places, Int32(range.lowerBound), Int32(side), line)
      }
    }

    /// Rows are added up before columns: whole rows of the picture at a time.
    func foldUpright(_ source: UnsafePointer<Float>, into sum: UnsafeMutablePointer<Float>) {
      let (side, width) = (TileFold.side, width)
      var lines = [Float](repeating: 0, count: side * width)
      lines.withUnsafeMutableBufferPointer { lines in
        guard let lines = lines.baseAddress else { return }
        for row in 0..<rows.count * side {
          let v = Double(rows.lowerBound) + (Double(row) + 0.5) * step
          let y = v * lattice.by + startY
          guard y >= 0, y < Double(height) - 1.01 else { continue }
          let (line, upper) = (lines + row % side * width, source + Int(y) * width)
          let share = Float(y - y.rounded(.down))
          for x in 0..<width {
            line[x] += upper[x] + (upper[x &+ width] - upper[x]) * share
          }
        }
        for column in 0..<columns.count * side {
          let x = (Double(columns.lowerBound) + (Double(column) + 0.5) * step) * lattice.ax + startX
          guard x >= 0, x < Double(width) - 1.01 else { continue }
          let (left, share) = (lines + Int(x), Float(x - x.rounded(.down)))
          let target = sum + column % side
          for row in 0..<side {
            let place = left + row &* width
            target[row &* side] += place[0] + (place[1] - place[0]) * share
          }
        }
      }
    }
  }

  private static let mostTiles = 40
}
