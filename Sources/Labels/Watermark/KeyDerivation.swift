internal import Crypto
public import MediaCore

/// All that is keyed derives from a key's bytes by HKDF (RFC 5869) with SHA-256.
extension WatermarkKey {
  /// 16 hexadecimal digits that name the key without giving it away.
  public var id: String {
    derive("key id", count: 8).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 2 ? digits : "0" + digits
    }.joined()
  }

  /// `count` bytes for one purpose.
  func derive(_ purpose: String, count: Int) -> [UInt8] {
    let key = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: bytes), info: Array("touchmark watermark 1 / \(purpose)".utf8),
      outputByteCount: count)
    return key.withUnsafeBytes { Array($0) }
  }
}

/// Numbers drawn from a key: SHA-256 of seed and counter.
struct KeyedStream {
  private let seed: [UInt8]
  private var counter: UInt32 = 0
  private var block: [UInt8] = []

  init(_ key: WatermarkKey, _ purpose: String) { seed = key.derive(purpose, count: 32) }

  mutating func nextByte() -> UInt8 {
    if block.isEmpty {
      var hash = SHA256()
      hash.update(data: seed)
      hash.update(data: (0..<4).map { UInt8(truncatingIfNeeded: counter >> (8 * $0)) })
      block = Array(hash.finalize())
      counter += 1
    }
    return block.removeLast()
  }

  /// 0 ..< `bound`, each equally likely.
  mutating func next(below bound: Int) -> Int {
    let bound = UInt32(bound)
    let limit = UInt32.max - UInt32.max % bound
    while true {
      var value: UInt32 = 0
      for _ in 0..<4 { value = value << 8 | UInt32(nextByte()) }
      if value < limit { return Int(value % bound) }
    }
  }

  /// A phase 0 ..< 2π in 65,536 steps.
  mutating func nextPhase() -> Double {
    (Double(nextByte()) * 256 + Double(nextByte())) / 65536 * 2 * Double.pi
  }

  /// A permutation of 0 ..< `count` (Fisher and Yates).
  mutating func permutation(_ count: Int) -> [Int] {
    var result = Array(0..<count)
    for index in stride(from: count - 1, to: 0, by: -1) { result.swapAt(index, next(below: index + 1)) }
    return result
  }
}
