/// The checksums of frames (RFC 9639 9.1.8, 9.3): CRC-8 by 0x07, CRC-16 by 0x8005, no reflection, from zero.
enum FLACChecksum {
  private static let table8: [UInt8] = (0..<256).map { value in
    (0..<8).reduce(UInt8(value)) { crc, _ in crc & 0x80 != 0 ? crc << 1 ^ 0x07 : crc << 1 }
  }
  /// Eight tables one after the other: what a byte comes to with none, one … seven zero bytes behind it.
  private static let tables16: [UInt16] = {
    var tables = (0..<256).map { value in
      (0..<8).reduce(UInt16(value) << 8) { crc, _ in crc & 0x8000 != 0 ? crc << 1 ^ 0x8005 : crc << 1 }
    }
    for index in 256..<8 * 256 {
      let before = tables[index - 256]
      tables.append(before << 8 ^ tables[Int(before >> 8)])
    }
    return tables
  }()

  static func crc8(_ bytes: some Sequence<UInt8>) -> UInt8 {
    let table = table8
    return bytes.reduce(0) { table[Int($0 ^ $1)] }
  }

  /// Eight bytes a step, each looked up in the table of what follows it.
  static func crc16(_ bytes: UnsafeRawBufferPointer) -> UInt16 {
    tables16.withUnsafeBufferPointer { tables in
      var crc: UInt16 = 0
      var index = 0
      while index + 8 <= bytes.count {
        var word = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        word ^= UInt64(crc) << 48
        crc = 0
        for table in 0..<8 {
          crc ^= tables[table << 8 | Int(truncatingIfNeeded: word >> UInt64(8 * table) & 0xFF)]
        }
        index += 8
      }
      while index < bytes.count {
        crc = crc << 8 ^ tables[Int(UInt8(truncatingIfNeeded: crc >> 8) ^ bytes[index])]
        index += 1
      }
      return crc
    }
  }
}
