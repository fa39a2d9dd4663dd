internal import MediaCore

/// A decoded frame.
struct FLACFrame {
  let header: FLACFrameHeader
  /// Samples by channel.
  var samples: [[Int]]
  /// Bytes in the file.
  let length: Int
}

/// Decodes frames (RFC 9639 9).
enum FLACFrameDecoder {
  enum Outcome {
    case frame(FLACFrame)
    /// The frame may go on behind the bytes at hand.
    case needsMore
    case damaged
  }

  /// The frame at `offset` of `bytes`, which end with `FLACBitReader.padding`.
  static func decode(_ bytes: UnsafeRawBufferPointer, at offset: Int, streamBits: Int) -> Outcome {
    let end = bytes.count - FLACBitReader.padding
    guard let header = FLACFrameHeader(bytes, at: offset, streamBits: streamBits) else {
      return end - offset < FLACFrameHeader.longest ? .needsMore : .damaged
    }
    var reader = FLACBitReader(bytes, at: offset + header.bytes.count)
    var samples: [[Int]] = []
    for channel in 0..<header.channels {
      let isSide = header.assignment == 9 ? channel == 0 : header.assignment > 7 && channel == 1
      let bits = header.bits + (isSide ? 1 : 0)
      guard let decoded = subframe(&reader, count: header.count, bits: bits) else {
        return reader.isExhausted ? .needsMore : .damaged
      }
      samples.append(decoded)
    }
    reader.alignToByte()
    let bodyEnd = reader.position / 8
    guard bodyEnd + 2 <= end else { return .needsMore }
    let checksum = UInt16(bytes[bodyEnd]) << 8 | UInt16(bytes[bodyEnd + 1])
    guard FLACChecksum.crc16(UnsafeRawBufferPointer(rebasing: bytes[offset..<bodyEnd])) == checksum else {
      return .damaged
    }
    decorrelate(&samples, header.assignment)
    return .frame(FLACFrame(header: header, samples: samples, length: bodyEnd + 2 - offset))
  }

  private static func subframe(_ reader: inout FLACBitReader, count: Int, bits: Int) -> [Int]? {
    guard reader.unsigned(1) == 0 else { return nil }
    let type = Int(reader.unsigned(6))
    let wasted = reader.unsigned(1) == 1 ? reader.unary() + 1 : 0
    let bits = bits - wasted
    guard bits > 0 else { return nil }
    var samples: [Int]
    switch type {
    case 0: samples = [Int](repeating: reader.signed(bits), count: count)
    case 1: samples = (0..<count).map { _ in reader.signed(bits) }
    case 8...12:
      guard let fixed = predicted(&reader, count: count, bits: bits, order: type - 8, isFixed: true) else {
        return nil
      }
      samples = fixed
    case 32...63:
      guard let linear = predicted(&reader, count: count, bits: bits, order: type - 31, isFixed: false) else {
        return nil
      }
      samples = linear
    default: return nil
    }
    if wasted > 0 { for index in samples.indices { samples[index] <<= wasted } }
    return reader.isExhausted ? nil : samples
  }

  /// Coefficients of the fixed predictors of order 0 … 4, the last sample's first.
  static let fixed = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]]

  private static func predicted(
    _ reader: inout FLACBitReader, count: Int, bits: Int, order: Int, isFixed: Bool
  ) -> [Int]? {
    guard order <= count else { return nil }
    var samples = [Int](repeating: 0, count: count)
    for index in 0..<order { samples[index] = reader.signed(bits) }
    var coefficients = isFixed ? fixed[order] : []
    var shift = 0
    if !isFixed {
      let precision = Int(reader.unsigned(4)) + 1
      shift = reader.signed(5)
      guard precision < 16, shift >= 0 else { return nil }
      coefficients = (0..<order).map { _ in reader.signed(precision) }
    }
    guard FLACResidual.read(&reader, into: &samples, order: order) else { return nil }
    samples.withUnsafeMutableBufferPointer { FLACPrediction.restore($0, coefficients, shift: shift) }
    // What does not fit is damage, and must not overflow later.
    let used = samples.reduce(0) { $0 | ($1 ^ $1 >> (Int.bitWidth - 1)) }
    return used < 1 << bits ? samples : nil
  }

  private static func decorrelate(_ samples: inout [[Int]], _ assignment: Int) {
    guard assignment > 7 else { return }
    let (first, second) = (samples[0], samples[1])
    switch assignment {
    case 8: samples[1] = zip(first, second).map { $0 - $1 }
    case 9: samples[0] = zip(first, second).map { $0 + $1 }
    default:
      let middle = zip(first, second).map { $0 << 1 | $1 & 1 }
      samples = [zip(middle, second).map { ($0 + $1) >> 1 }, zip(middle, second).map { ($0 - $1) >> 1 }]
    }
  }
}
