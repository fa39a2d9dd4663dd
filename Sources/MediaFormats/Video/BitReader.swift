/// Reads bits, most significant first, and the codes of H.264 9.1.
struct BitReader {
  private let bytes: [UInt8]
  private var position = 0

  /// A reader over bytes as they are.
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// A reader over a NAL unit's payload, from which emulation prevention (H.264 7.4.1) is taken out.
  init(payload: some Sequence<UInt8>) {
    var clean: [UInt8] = []
    var zeros = 0
    for byte in payload {
      if zeros >= 2, byte == 3 {
        zeros = 0
        continue
      }
      zeros = byte == 0 ? zeros + 1 : 0
      clean.append(byte)
    }
    bytes = clean
  }

  /// The next `count` (at most 32) bits; nil behind the end.
  mutating func bits(_ count: Int) -> UInt32? {
    guard position + count <= bytes.count * 8 else { return nil }
    var value: UInt32 = 0
    for _ in 0..<count {
      value = value << 1 | UInt32(bytes[position >> 3] >> UInt8(7 - position & 7) & 1)
      position += 1
    }
    return value
  }

  /// Goes on to the next whole byte.
  mutating func align() { position = (position + 7) & ~7 }

  /// Whether there were `bytes` times eight bits to pass over.
  mutating func skip(bytes count: UInt32) -> Bool {
    position += Int(count) * 8
    return position <= bytes.count * 8
  }

  /// An unsigned Exp-Golomb code; nil behind the end or for one that no 32 bits hold.
  mutating func exponentialGolomb() -> UInt32? {
    var zeros = 0
    while let bit = bits(1) {
      if bit == 1 { return bits(zeros).map { (1 << UInt32(zeros)) - 1 + $0 } }
      zeros += 1
      if zeros > 31 { return nil }
    }
    return nil
  }
}
