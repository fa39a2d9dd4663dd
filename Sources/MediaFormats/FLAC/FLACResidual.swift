/// Residuals in Rice partitions (RFC 9639 9.2.7).
enum FLACResidual {
  /// Reads residuals to `samples` behind the first `order`; false for what breaks the rules.
  static func read(_ reader: inout FLACBitReader, into samples: inout [Int], order: Int) -> Bool {
    let method = reader.unsigned(2)
    guard method < 2 else { return false }
    let parameterBits = method == 0 ? 4 : 5
    let escape = method == 0 ? 15 : 31
    let partitions = 1 << Int(reader.unsigned(4))
    let count = samples.count
    guard count % partitions == 0, count / partitions >= order else { return false }
    var local = reader
    defer { reader = local }
    return samples.withUnsafeMutableBufferPointer { samples in
      var index = order
      for partition in 1...partitions {
        let end = count / partitions * partition
        let parameter = Int(local.unsigned(parameterBits))
        if parameter == escape {
          let bits = Int(local.unsigned(5))
          while index < end {
            samples[index] = bits == 0 ? 0 : local.signed(bits)
            index += 1
          }
        } else {
          while index < end {
            let folded = local.rice(parameter)
            samples[index] = Int(truncatingIfNeeded: folded >> 1) ^ -Int(truncatingIfNeeded: folded & 1)
            index += 1
          }
        }
        if local.isExhausted { return false }
      }
      return true
    }
  }

  /// Bits of `residuals` with the best parameter, and that parameter.
  static func cost(_ residuals: ArraySlice<Int>, limit: Int) -> (bits: Int, parameter: Int) {
    var sum = 0
    for value in residuals { sum += fold(value) }
    let mean = sum / max(1, residuals.count)
    let guess = mean > 0 ? Int.bitWidth - mean.leadingZeroBitCount - 1 : 0
    var best = (bits: Int.max, parameter: 0)
    for parameter in max(0, guess - 1)...max(0, guess + 1) where parameter <= limit {
      var bits = residuals.count * (parameter + 1)
      for value in residuals { bits += fold(value) >> parameter }
      if bits < best.bits { best = (bits, parameter) }
    }
    return best.bits == .max ? cost(residuals, fixed: limit) : best
  }

  private static func cost(_ residuals: ArraySlice<Int>, fixed: Int) -> (bits: Int, parameter: Int) {
    (residuals.reduce(residuals.count * (fixed + 1)) { $0 + fold($1) >> fixed }, fixed)
  }

  /// Signed to unsigned: 0, -1, 1, -2 …
  @inline(__always)
  static func fold(_ value: Int) -> Int { value << 1 ^ value >> (Int.bitWidth - 1) }
}
