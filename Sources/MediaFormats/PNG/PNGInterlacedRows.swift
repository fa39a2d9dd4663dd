internal import MediaCore

/// Rows of a picture whose pixels stand in several passes (PNG 8.2), woven together where samples are bytes.
extension PNGRaster {
  /// Calls `body` with each of picture `rows`, width × channels.
  func readWovenRows(_ rows: Range<Int>, _ body: (_ y: Int, _ samples: UnsafePointer<UInt8>) -> Void) {
    for pass in passes.indices { unfilter(passes[pass].rows(in: rows), of: pass) }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: header.width * header.filterUnit) { line in
      guard let line = line.baseAddress else { return }
      for y in rows {
        weave(y, into: line)
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
        weave(y, into: line)
        body(y, line)
        unweave(line, into: y)
      }
    }
  }

  private func weave(_ y: Int, into line: UnsafeMutablePointer<UInt8>) {
    forEachPart(of: y, 0..<header.width) { pass, row, groups, first, step in
      let (part, line) = (self.row(row, of: pass), line + first)
      forEachPixel(groups.count, step) { pixel, place, unit in
        for byte in 0..<unit { line[place &+ byte] = part[pixel &+ byte] }
      }
    }
  }

  private func unweave(_ line: UnsafeMutablePointer<UInt8>, into y: Int) {
    forEachPart(of: y, 0..<header.width) { pass, row, groups, first, step in
      let (part, line) = (self.row(row, of: pass), line + first)
      forEachPixel(groups.count, step) { pixel, place, unit in
        for byte in 0..<unit { part[pixel &+ byte] = line[place &+ byte] }
      }
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
