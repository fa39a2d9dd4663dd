internal import MediaCore

extension JPEGScanBlocks {
  /// Reads the codes of all blocks and notes where they stand. Returns the bit behind each restart interval; nil when the data
  /// is not what the headers say, or more or less.
  func walk(_ decoding: Decoding) -> [Int]? {
    guard data.intervals.count + 1 == scan.intervalCount,
      let bytes = data.buffer.bytes.bindMemory(to: UInt8.self).baseAddress
    else { return nil }
    var reader = JPEGBlockReader(bytes: bytes, position: 0)
    let parts = parts
    var ends: [Int] = []
    for interval in 0..<scan.intervalCount {
      reader.position = interval == 0 ? 0 : 8 * data.intervals[interval - 1]
      let limit = 8 * (interval < data.intervals.count ? data.intervals[interval] : data.count)
      let isGood = parts.withUnsafeBufferPointer { walk(interval, $0, decoding, until: limit, &reader) }
      // What fills the last byte is no code.
      guard isGood, limit - reader.position < 8 else { return nil }
      ends.append(reader.position)
    }
    return ends
  }

  private func walk(
    _ interval: Int, _ parts: UnsafeBufferPointer<JPEGBlockPart>, _ decoding: Decoding, until limit: Int,
    _ reader: inout JPEGBlockReader
  ) -> Bool {
    JPEGZigzag.withPointers { order in
      withUnsafeTemporaryAllocation(of: Int.self, capacity: scan.components.count) { predictors in
        predictors.initialize(repeating: 0)
        let decoded = decoding == .all ? Int.max : decoding == .first ? 1 : 0
        return forEachBlock(of: interval, parts) { block, part, row, column in
          positions[block] = UInt32(truncatingIfNeeded: reader.position)
          guard let difference = reader.readDC(part.dc) else { return false }
          let value = predictors[part.component] &+ difference
          guard let short = Int16(exactly: value) else { return false }
          predictors[part.component] = value
          dc[block] = short
          if part.component < decoded, let (target, state) = part.block(row, column) {
            state.pointee = JPEGBlockPlane.decoded
            guard reader.readAC(part.ac, into: target, first: short, order) else { return false }
          } else {
            guard reader.skipAC(part.ac) else { return false }
          }
          return reader.position <= limit
        }
      }
    } ?? false
  }

  /// Decodes one block, whose codes the walk has seen to be good.
  func decode(_ component: Int, _ row: Int, _ column: Int) {
    let (plane, coding) = (planes[component], scan.components[component])
    let block = scan.block(component, row, column)
    guard let bytes = data.buffer.bytes.bindMemory(to: UInt8.self).baseAddress else { return }
    var reader = JPEGBlockReader(bytes: bytes, position: Int(positions[block]))
    let target = plane.coefficients + 64 * (plane.columns * row + column)
    _ = reader.readDC(coding.dc.lookup)
    _ = JPEGZigzag.withPointers { reader.readAC(coding.ac.lookup, into: target, first: dc[block], $0) }
    plane.states[plane.columns * row + column] = JPEGBlockPlane.decoded
  }
}
