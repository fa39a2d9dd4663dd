/// Encodes frames losslessly (RFC 9639 9): fixed predictors and Rice partitions, which need no search.
enum FLACFrameEncoder {
  private enum Subframe {
    case constant(Int)
    case verbatim
    /// Order, residuals behind the first `order` samples, partition order.
    case fixed(Int, [Int], Int)
  }

  /// A frame of `samples` by channel under `header`, whose number, sizes and rate it keeps.
  static func encode(_ samples: [[Int]], like header: FLACFrameHeader) -> [UInt8] {
    let independent = body(samples, header, assignment: samples.count - 1, sideBits: [])
    var result = independent
    if samples.count == 2 {
      let pairs = zip(samples[0], samples[1])
      let middle = pairs.map { ($0 + $1) >> 1 }
      let side = pairs.map { $0 - $1 }
      let joint = body([middle, side], header, assignment: 10, sideBits: [1])
      if joint.count < result.count { result = joint }
    }
    let checksum = result.withUnsafeBytes { FLACChecksum.crc16($0) }
    return result + [UInt8(checksum >> 8), UInt8(truncatingIfNeeded: checksum)]
  }

  private static func body(
    _ channels: [[Int]], _ header: FLACFrameHeader, assignment: Int, sideBits: Set<Int>
  ) -> [UInt8] {
    var writer = FLACBitWriter(header.bytes(assignment: assignment))
    for (index, samples) in channels.enumerated() {
      let bits = header.bits + (sideBits.contains(index) ? 1 : 0)
      write(best(samples, bits: bits, isWide: header.bits > 16), samples, bits, header.bits > 16, &writer)
    }
    writer.alignToByte()
    return writer.bytes
  }

  private static func best(_ samples: [Int], bits: Int, isWide: Bool) -> Subframe {
    guard let first = samples.first, samples.contains(where: { $0 != first }) else {
      return .constant(samples.first ?? 0)
    }
    var best = (bits: samples.count * bits, subframe: Subframe.verbatim)
    var residuals = samples
    for order in 0...min(4, samples.count - 1) {
      if order > 0 { residuals = zip(residuals.dropFirst(), residuals).map { $0 - $1 } }
      // Residuals must fit 32 bits (9.2.7.3).
      guard residuals.allSatisfy({ abs($0) < 1 << 31 }) else { continue }
      let (cost, partitions) = partitioned(residuals, order: order, count: samples.count, isWide: isWide)
      if cost + order * bits < best.bits {
        best = (cost + order * bits, .fixed(order, residuals, partitions))
      }
    }
    return best.subframe
  }

  /// The cheapest partition order, and its bits.
  private static func partitioned(
    _ residuals: [Int], order: Int, count: Int, isWide: Bool
  ) -> (bits: Int, order: Int) {
    var best = (bits: Int.max, order: 0)
    for partitionOrder in 0...6 where count % (1 << partitionOrder) == 0 && count >> partitionOrder > order {
      let bits = parts(residuals, order: order, count: count, partitionOrder).reduce(0) { sum, part in
        sum + (isWide ? 5 : 4) + FLACResidual.cost(part, limit: isWide ? 30 : 14).bits
      }
      if bits < best.bits { best = (bits, partitionOrder) }
    }
    return best
  }

  private static func parts(
    _ residuals: [Int], order: Int, count: Int, _ partitionOrder: Int
  ) -> [ArraySlice<Int>] {
    let length = count >> partitionOrder
    return (0..<1 << partitionOrder).map { part in
      residuals[max(0, part * length - order)..<(part + 1) * length - order]
    }
  }

  private static func write(
    _ subframe: Subframe, _ samples: [Int], _ bits: Int, _ isWide: Bool, _ writer: inout FLACBitWriter
  ) {
    switch subframe {
    case .constant(let value):
      writer.write(0, 8)
      writer.write(value, bits)
    case .verbatim:
      writer.write(1 << 1, 8)
      for sample in samples { writer.write(sample, bits) }
    case .fixed(let order, let residuals, let partitionOrder):
      writer.write((8 + order) << 1, 8)
      for sample in samples.prefix(order) { writer.write(sample, bits) }
      writer.write(isWide ? 1 : 0, 2)
      writer.write(partitionOrder, 4)
      for part in parts(residuals, order: order, count: samples.count, partitionOrder) {
        let parameter = FLACResidual.cost(part, limit: isWide ? 30 : 14).parameter
        writer.write(parameter, isWide ? 5 : 4)
        for value in part {
          let folded = FLACResidual.fold(value)
          writer.unary(folded >> parameter)
          writer.write(folded, parameter)
        }
      }
    }
  }
}
