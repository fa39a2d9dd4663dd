#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A polar code of 512 bits that carries 64 and a checksum of 16 (Arıkan 2009; information places by polarisation
/// weight, Schürch 2016, He et al. 2017).
enum PolarCode {
  static let length = 512
  static let payloadBits = 64
  static let checksumBits = 16
  /// Logarithm of `length`.
  static let levels = 9

  /// Whether each bit is free, by index: those of the largest weights Σ bit j · 2^(j/4).
  static let isInformation: [Bool] = {
    let weights = (0..<length).map { index in
      (0..<levels).reduce(0.0) { $0 + Double(index >> $1 & 1) * pow(2, Double($1) / 4) }
    }
    let best = (0..<length).sorted { (weights[$0], $0) > (weights[$1], $1) }.prefix(
      payloadBits + checksumBits)
    var result = [Bool](repeating: false, count: length)
    for index in best { result[index] = true }
    return result
  }()

  /// The codeword of `payload`, one bit each.
  static func encode(_ payload: UInt64) -> [UInt8] {
    var word = [UInt8](repeating: 0, count: length)
    var bits = message(payload).makeIterator()
    for index in 0..<length where isInformation[index] { word[index] = bits.next() ?? 0 }
    var half = 1
    while half < length {
      for start in stride(from: 0, to: length, by: 2 * half) {
        for index in start..<start + half { word[index] ^= word[index + half] }
      }
      half *= 2
    }
    return word
  }

  /// Payload and checksum, the highest bit first.
  static func message(_ payload: UInt64) -> [UInt8] {
    let checksum = checksum(payload)
    return (0..<64).map { UInt8(payload >> (63 - $0) & 1) }
      + (0..<16).map { UInt8(checksum >> (15 - $0) & 1) }
  }

  /// CRC-16/CCITT-FALSE: polynomial 1021, initially FFFF.
  static func checksum(_ payload: UInt64) -> UInt16 {
    var crc: UInt16 = 0xFFFF
    for shift in stride(from: 56, through: 0, by: -8) {
      crc ^= UInt16(payload >> UInt64(shift) & 0xFF) << 8
      for _ in 0..<8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
    }
    return crc
  }
}
