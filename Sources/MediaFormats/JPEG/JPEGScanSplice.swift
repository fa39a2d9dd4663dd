internal import MediaCore

extension JPEGScanBlocks {
  /// The first coefficient of the block before, as it was and as it is.
  private struct Predictor {
    var old = 0
    var new = 0
  }

  /// The entropy-coded data with edited blocks coded anew and the bits of all others copied; where the block before one was
  /// edited, the difference to it is coded anew too. Nil when the file's tables lack a code.
  func spliced() -> (buffer: ScratchBuffer, count: Int)? {
    guard let bytes = data.buffer.bytes.bindMemory(to: UInt8.self).baseAddress,
      var writer = JPEGBitWriter(capacity: data.count + data.count / 8 + 4096, scratch)
    else { return nil }
    let parts = parts
    for (interval, end) in ends.enumerated() {
      if interval > 0 { writer.restart(interval - 1) }
      // A block begins where the one before ends, but for those that a restart marker parts.
      let next = scan.mcus(ofInterval: interval).upperBound * parts.count
      let start = positions[next]
      positions[next] = UInt32(truncatingIfNeeded: end)
      defer { positions[next] = start }
      var source = JPEGBlockReader(
        bytes: bytes, position: interval == 0 ? 0 : 8 * data.intervals[interval - 1])
      guard parts.withUnsafeBufferPointer({ splice(interval, $0, &source, &writer) }),
        writer.copy(source.position..<end, of: bytes), writer.reserve(JPEGBitWriter.blockBytes)
      else { return nil }
      writer.flush()
    }
    return (writer.buffer, writer.count)
  }

  /// Writes a restart interval up to the last block that differs; `source` stands behind what was written.
  private func splice(
    _ interval: Int, _ parts: UnsafeBufferPointer<JPEGBlockPart>, _ source: inout JPEGBlockReader,
    _ writer: inout JPEGBitWriter
  ) -> Bool {
    JPEGZigzag.withPointers { order in
      withUnsafeTemporaryAllocation(of: Predictor.self, capacity: scan.components.count) { predictors in
        predictors.initialize(repeating: Predictor())
        return forEachBlock(of: interval, parts) { block, part, row, column in
          let before = predictors[part.component]
          let old = Int(dc[block])
          predictors[part.component] = Predictor(old: old, new: old)
          let shown = part.block(row, column)
          let isEdited = shown?.state.pointee == JPEGBlockPlane.edited
          if !isEdited, before.old == before.new { return true }
          let start = Int(positions[block])
          guard writer.copy(source.position..<start, of: source.bytes),
            writer.reserve(JPEGBitWriter.blockBytes)
          else {
            return false
          }
          guard isEdited, let coefficients = shown?.coefficients else {
            source.position = start
            return source.readDC(part.dc) != nil && writer.putDC(old &- before.new, part.dc)
          }
          source.position = Int(positions[block &+ 1])
          let new = Int(coefficients.pointee)
          predictors[part.component].new = new
          return writer.putDC(new &- before.new, part.dc) && writer.putAC(coefficients, part.ac, order)
        }
      }
    } ?? false
  }
}
