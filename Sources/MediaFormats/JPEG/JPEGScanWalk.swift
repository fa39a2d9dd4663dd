internal import CImageIO
internal import MediaCore

extension JPEGScanBlocks {
  /// Reads the codes of all blocks and notes where they stand. Returns the bit behind each restart interval; nil when the data
  /// is not what the headers say, or more or less.
  func walk(_ decoding: Decoding) -> [Int]? {
    guard data.intervals.count + 1 == scan.intervalCount else { return nil }
    let decoded = decoding == .all ? Int.max : decoding == .first ? 1 : 0
    return withKernel(decoding: decoded) { kernel -> [Int]? in
      var ends: [Int] = []
      for interval in 0..<scan.intervalCount {
        let start = interval == 0 ? 0 : 8 * data.intervals[interval - 1]
        let limit = 8 * (interval < data.intervals.count ? data.intervals[interval] : data.count)
        let mcus = scan.mcus(ofInterval: interval)
        let end = Int(
          tm_scan_walk(kernel, Int64(mcus.lowerBound), Int64(mcus.upperBound), Int64(start), Int64(limit)))
        // What fills the last byte is no code.
        guard end >= 0, limit - end < 8 else { return nil }
        ends.append(end)
      }
      return ends
    }
  }

  /// Calls `body` with the scan for loops in C, whose walk decodes the first `decoded` components. Nil without memory.
  func withKernel<Result>(
    decoding decoded: Int = 0, _ body: (UnsafePointer<tm_scan>) -> Result?
  ) -> Result? {
    guard let bytes = data.buffer.bytes.bindMemory(to: UInt8.self).baseAddress else { return nil }
    let parts = parts.map { $0.kernel(isDecoded: $0.component < decoded) }
    return parts.withUnsafeBufferPointer { parts in
      JPEGZigzag.withPointers { order in
        var kernel = tm_scan(
          parts: parts.baseAddress, part_count: Int64(parts.count), mcu_columns: Int64(scan.mcuColumns),
          bytes: bytes, order: order.natural, rows: order.rows, positions: positions, first: dc)
        return body(&kernel)
      } ?? nil
    }
  }

  /// Decodes the blocks of a row that are not yet, whose codes the walk has seen to be good.
  func decode(_ component: Int, _ row: Int, _ columns: Range<Int>) {
    let (plane, coding) = (planes[component], scan.components[component])
    let (dcLookup, acLookup) = (coding.dc.lookup, coding.ac.lookup)
    guard let bytes = data.buffer.bytes.bindMemory(to: UInt8.self).baseAddress else { return }
    _ = JPEGZigzag.withPointers { order in
      for column in columns {
        let index = plane.columns * row + column
        guard plane.states[index] == JPEGBlockPlane.undecoded else { continue }
        let block = scan.block(coding, row, column)
        var reader = JPEGBlockReader(bytes: bytes, position: Int(positions[block]))
        reader.skipDC(dcLookup)
        _ = reader.readAC(acLookup, into: plane.coefficients + 64 * index, first: dc[block], order)
        plane.states[index] = JPEGBlockPlane.decoded
      }
    }
  }
}
