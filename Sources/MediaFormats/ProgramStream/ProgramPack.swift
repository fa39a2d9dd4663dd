/// The head of a pack of a program stream (ISO/IEC 13818-1, 2.5.3.3; of MPEG-1, ISO/IEC 11172-1, 2.4.3.2).
struct ProgramPack {
  static let code: UInt8 = 0xBA

  /// The system clock in units of 1/90000 s, of 33 bits.
  let clock: UInt64
  /// Where what follows the head stands.
  let end: Int

  /// The pack at `offset` of `bytes`; nil where there is none, or an injured or cut one.
  init?(_ bytes: [UInt8], at offset: Int) {
    guard offset >= 0, offset + 14 <= bytes.count, ProgramStream.code(bytes, at: offset) == Self.code else {
      return nil
    }
    let field = bytes[offset + 4..<offset + 9].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    // Three, fifteen and fifteen bits, with a marker behind each.
    let (low, markers): (UInt64, [UInt64])
    switch bytes[offset + 4] >> 4 {
    case 4...7:
      (low, markers) = (3, [34, 18, 2])
      end = offset + 14 + Int(bytes[offset + 13] & 7)
    case 2:
      (low, markers) = (1, [32, 16, 0])
      end = offset + 12
    default: return nil
    }
    guard markers.allSatisfy({ field >> $0 & 1 == 1 }) else { return nil }
    clock = (field >> (low + 32) & 7) << 30 | (field >> (low + 16) & 0x7FFF) << 15 | field >> low & 0x7FFF
  }
}

/// Walks the packs and packets of a piece of a program stream.
enum ProgramStream {
  /// The code behind the prefix 00 00 01 at `offset`; nil without one.
  static func code(_ bytes: [UInt8], at offset: Int) -> UInt8? {
    guard offset + 4 <= bytes.count, bytes[offset] == 0, bytes[offset + 1] == 0, bytes[offset + 2] == 1 else {
      return nil
    }
    return bytes[offset + 3]
  }

  /// Calls `pack` with each pack of `bytes`, and `packet` with the stream id and the content of each packet behind one. Where no
  /// code stands that may, the next pack is looked for.
  static func walk(
    _ bytes: [UInt8], pack: (ProgramPack) -> Void, packet: (_ id: UInt8, _ content: Range<Int>) -> Void
  ) {
    var offset = 0
    var isInPack = false
    while offset + 6 <= bytes.count {
      if let head = ProgramPack(bytes, at: offset) {
        pack(head)
        isInPack = true
        offset = head.end
      } else if isInPack, let id = code(bytes, at: offset), id > ProgramPack.code {
        let end = offset + 6 + Int(bytes[offset + 4]) << 8 + Int(bytes[offset + 5])
        packet(id, offset + 6..<min(end, bytes.count))
        offset = end
      } else {
        isInPack = false
        offset += 1
      }
    }
  }
}
