internal import MediaCore

/// Rows of a picture whose pixels stand in several passes (PNG 8.2), woven together where samples are bytes.
extension PNGRaster {
  /// Calls `body` with each of picture `rows`, width × channels.
  func readWovenRows(_ rows: Range<Int>, _ body: (_ y: Int, _ samples: UnsafePointer<UInt8>) -> Void) {
    for pass in passes.indices { unfilter(passes[pass].rows(in: rows), of: pass) }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: header.width * header.filterUnit) { line in
      guard let line = line.baseAddress else { return }
      for y in rows {
        forEachPart(of: y) { weave($0, into: line + $1, step: $2, count: $3) }
        body(y, UnsafePointer(line))
      }
    }
  }

  /// Calls `body` with each of picture `rows`, which it may edit.
  func editWovenRows(
    _ rows: Range<Int>, _ body: (_ y: Int, _ samples: UnsafeMutablePointer<UInt8>) -> Void
  ) {
    for pass in passes.indices { willChange(passes[pass].rows(in: rows), of: pass) }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: header.width * header.filterUnit) { line in
      guard let line = line.baseAddress else { return }
      for y in rows {
        forEachPart(of: y) { weave($0, into: line + $1, step: $2, count: $3) }
        body(y, line)
        forEachPart(of: y) { unweave(line + $1, step: $2, into: $0, count: $3) }
      }
    }
  }

  /// Calls `body` with the row of each pass that has pixels of picture row `y`, with the place of its first pixel in the row and the bytes
  /// from one to the next, and with how many there are.
  private func forEachPart(
    of y: Int, _ body: (_ part: UnsafeMutablePointer<UInt8>, _ place: Int, _ step: Int, _ count: Int) -> Void
  ) {
    let unit = header.filterUnit
    for (index, pass) in passes.enumerated() {
      guard let row = pass.row(holding: y) else { continue }
      body(self.row(row, of: index), pass.x * unit, pass.stepX * unit, pass.width)
    }
  }

  private func weave(
    _ part: UnsafeMutablePointer<UInt8>, into line: UnsafeMutablePointer<UInt8>, step: Int, count: Int
  ) {
    forEachPixel(count, step) { pixel, place, unit in
      for byte in 0..<unit { line[place &+ byte] = part[pixel &+ byte] }
    }
  }

  private func unweave(
    _ line: UnsafeMutablePointer<UInt8>, step: Int, into part: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    forEachPixel(count, step) { pixel, place, unit in
      for byte in 0..<unit { part[pixel &+ byte] = line[place &+ byte] }
    }
  }

  /// Calls `body` with the places of each pixel in its part and in the row: a loop for each number of bytes a pixel has.
  @inline(__always)
  private func forEachPixel(
    _ count: Int, _ step: Int, _ body: (_ pixel: Int, _ place: Int, _ unit: Int) -> Void
  ) {
    switch header.filterUnit {
    case 1: for index in 0..<count { body(index, index &* step, 1) }
    case 2: for index in 0..<count { body(2 &* index, index &* step, 2) }
    case 3: for index in 0..<count { body(3 &* index, index &* step, 3) }
    default: for index in 0..<count { body(4 &* index, index &* step, 4) }
    }
  }
}
