internal import CImageIO
internal import MediaCore

extension JPEGScanBlocks {
  /// A block that has to be coded anew.
  private struct Change {
    /// Its place in the order of the scan.
    let block: Int
    let part: JPEGBlockPart
    /// What its first coefficient differs by from that of the block before.
    let difference: Int
    /// Nil where nothing but the difference is another, because the block before was edited.
    let coefficients: UnsafeMutablePointer<Int16>?
  }

  /// The first coefficient of the block before, as it was and as it is.
  private struct Predictor {
    var old = 0
    var new = 0
  }

  /// The entropy-coded data with edited blocks coded anew and the bits of all others copied. Nil when the tables lack a code.
  func spliced() -> (buffer: ScratchBuffer, count: Int)? {
    guard let bytes = data.buffer.bytes.bindMemory(to: UInt8.self).baseAddress,
      var writer = JPEGBitWriter(capacity: data.count + data.count / 8 + 4096, scratch)
    else { return nil }
    let isWritten = withKernel { kernel -> Bool? in
      for (interval, end) in ends.enumerated() {
        if interval > 0 { writer.restart() }
        let mcus = scan.mcus(ofInterval: interval)
        // A block begins where the one before ends, but for those that a restart marker parts.
        let next = mcus.upperBound * scan.blocksPerMCU
        let start = positions[next]
        positions[next] = UInt32(truncatingIfNeeded: end)
        defer { positions[next] = start }
        var state = tm_splice()
        state.mcu = Int64(mcus.lowerBound)
        state.position = interval == 0 ? 0 : 8 * Int64(data.intervals[interval - 1])
        guard writer.splice(kernel, &state, until: mcus.upperBound),
          writer.copy(Int(state.position)..<end, of: bytes), writer.reserve(JPEGBitWriter.blockBytes)
        else { return nil }
        writer.flush()
      }
      return true
    }
    return isWritten == true ? writer.finish() : nil
  }

  /// Calls `body` with each block of restart interval `interval` that has to be coded anew, until it returns false.
  @inline(__always)
  private func forEachChange(
    of interval: Int, _ parts: UnsafeBufferPointer<JPEGBlockPart>, _ body: (Change) -> Bool
  ) -> Bool {
    withUnsafeTemporaryAllocation(of: Predictor.self, capacity: scan.components.count) { predictors in
      predictors.initialize(repeating: Predictor())
      return forEachBlock(of: interval, parts) { block, part, row, column in
        let before = predictors[part.component]
        let old = Int(dc[block])
        guard let shown = part.block(row, column), shown.state.pointee == JPEGBlockPlane.edited else {
          predictors[part.component] = Predictor(old: old, new: old)
          if before.old == before.new { return true }
          return body(Change(block: block, part: part, difference: old &- before.new, coefficients: nil))
        }
        let new = Int(shown.coefficients.pointee)
        predictors[part.component] = Predictor(old: old, new: new)
        return body(
          Change(block: block, part: part, difference: new &- before.new, coefficients: shown.coefficients))
      }
    }
  }

  /// The symbols that changed blocks need and the file's tables have no code for, by the tables' id.
  func lacking() -> [UInt8: Set<UInt8>] {
    var lacking: [UInt8: Set<UInt8>] = [:]
    let ids = scan.components.map { (dc: $0.dc.id, ac: $0.ac.id) }
    _ = JPEGZigzag.withPointers { order in
      parts.withUnsafeBufferPointer { parts in
        for interval in ends.indices {
          _ = forEachChange(of: interval, parts) { change in
            let part = change.part
            let category = JPEGBitWriter.size(change.difference)
            if part.dc.code(category) == 0 {
              lacking[ids[part.component].dc, default: []].insert(UInt8(clamping: category))
            }
            guard let coefficients = change.coefficients else { return true }
            JPEGBitWriter.forEachSymbol(of: coefficients, order) { symbol in
              if part.ac.code(symbol) == 0 {
                lacking[ids[part.component].ac, default: []].insert(UInt8(clamping: symbol))
              }
            }
            return true
          }
        }
      }
    }
    return lacking
  }
}
