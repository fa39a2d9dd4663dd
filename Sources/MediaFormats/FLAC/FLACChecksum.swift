/// The checksums of frames (RFC 9639 9.1.8, 9.3): CRC-8 by 0x07, CRC-16 by 0x8005, no reflection, from zero.
enum FLACChecksum {
  private static let table8: [UInt8] = (0..<256).map { value in
    (0..<8).reduce(UInt8(value)) { crc, _ in crc & 0x80 != 0 ? crc << 1 ^ 0x07 : crc << 1 }
  }
  private static let table16: [UInt16] = (0..<256).map { value in
    (0..<8).reduce(UInt16(value) << 8) { crc, _ in crc & 0x8000 != 0 ? crc << 1 ^ 0x8005 : crc << 1 }
  }

  static func crc8(_ bytes: some Sequence<UInt8>) -> UInt8 {
    let table = table8
    return bytes.reduce(0) { table[Int($0 ^ $1)] }
  }

  static func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
    table16.withUnsafeBufferPointer { table in
      var crc: UInt16 = 0
      for byte in bytes { crc = crc << 8 ^ table[Int(UInt8(truncatingIfNeeded: crc >> 8) ^ byte)] }
      return crc
    }
  }
}
