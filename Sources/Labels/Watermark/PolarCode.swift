#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A polar code that carries a payload and a checksum (Arıkan 2009; information places by polarisation weight, Schürch 2016,
/// He et al. 2017).
struct PolarCode {
  /// Bits of a codeword, a power of two.
  let length: Int
  /// Bits carried, at most 64.
  let payloadBits: Int
  /// 16 or 8 bits that tell the right one of several likely messages.
  let checksumBits: Int
  /// Logarithm of `length`.
  let levels: Int
  /// Whether each bit is free, by index: those of the largest weights Σ bit j · 2^(j/4).
  let isInformation: [Bool]
  /// Indices of the free bits.
  private let information: [Int]

  /// The code of the picture's watermark.
  static let picture = PolarCode(levels: 9, payloadBits: 64, checksumBits: 16)

  init(levels: Int, payloadBits: Int, checksumBits: Int) {
    self.levels = levels
    self.payloadBits = payloadBits
    self.checksumBits = checksumBits
    let length = 1 << levels
    let weights = (0..<length).map { index in
      (0..<levels).reduce(0.0) { $0 + Double(index >> $1 & 1) * pow(2, Double($1) / 4) }
    }
    let best = (0..<length).sorted { (weights[$0], $0) > (weights[$1], $1) }
      .prefix(payloadBits + checksumBits)
    var isInformation = [Bool](repeating: false, count: length)
    for index in best { isInformation[index] = true }
    self.length = length
    self.isInformation = isInformation
    information = best.sorted()
  }

  /// The codeword of `payload`, one bit each.
  func encode(_ payload: UInt64) -> [UInt8] {
    var words = [UInt64](repeating: 0, count: (length + 63) / 64)
    for (index, bit) in zip(information, message(payload)) {
      words[index / 64] |= UInt64(bit) << UInt64(index % 64)
    }
    for level in 0..<min(6, levels) {
      let half = UInt64(1) << UInt64(level)
      // The lower `half` bits of each 2 `half`.
      let mask = UInt64.max / (UInt64(1) << half + 1)
      for index in words.indices { words[index] ^= words[index] >> half & mask }
    }
    var half = 1
    while half < words.count {
      for start in stride(from: 0, to: words.count, by: 2 * half) {
        for index in start..<start + half { words[index] ^= words[index + half] }
      }
      half *= 2
    }
    return (0..<length).map { UInt8(truncatingIfNeeded: words[$0 / 64] >> UInt64($0 % 64) & 1) }
  }

  /// Payload and checksum, the highest bit first.
  func message(_ payload: UInt64) -> [UInt8] {
    let checksum = checksum(payload)
    return (0..<payloadBits).map { UInt8(payload >> UInt64(payloadBits - 1 - $0) & 1) }
      + (0..<checksumBits).map { UInt8(checksum >> UInt16(checksumBits - 1 - $0) & 1) }
  }

  /// CRC-16/CCITT-FALSE, polynomial 1021, or CRC-8 with the polynomial 9B (WCDMA); both begin with ones.
  func checksum(_ payload: UInt64) -> UInt16 {
    let polynomial: UInt16 = checksumBits == 16 ? 0x1021 : 0x9B
    let mask = UInt16.max >> UInt16(16 - checksumBits)
    var crc = mask
    for place in stride(from: payloadBits - 1, through: 0, by: -1) {
      let bit = UInt16(payload >> UInt64(place) & 1) ^ crc >> UInt16(checksumBits - 1)
      crc = (bit == 1 ? crc << 1 ^ polynomial : crc << 1) & mask
    }
    return crc
  }
}
