/// 256 bits that say what a picture looks like: those of two pictures that look alike differ in few places.
public struct PerceptualHash: Sendable, Hashable, CustomStringConvertible {
  /// Bits of a hash.
  public static let bitCount = 256
  /// Pieces that an index files a hash under, of `bitCount / bandCount` bits each.
  public static let bandCount = 16

  /// The bits, the first 64 in the first word, each word's first bit in its lowest place.
  public let words: SIMD4<UInt64>

  /// A hash by its bits.
  public init(words: SIMD4<UInt64>) { self.words = words }

  /// A hash of `bytes`, the lowest of each word first; nil unless there are 32.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.bitCount / 8 else { return nil }
    var words = SIMD4<UInt64>()
    for (index, byte) in bytes.enumerated() { words[index / 8] |= UInt64(byte) << UInt64(8 * (index % 8)) }
    self.words = words
  }

  /// 32 bytes, the lowest of each word first.
  public var bytes: [UInt8] {
    (0..<Self.bitCount / 8).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64(8 * ($0 % 8))) }
  }

  /// The number of bits that differ, 0 … 256.
  public func distance(to other: PerceptualHash) -> Int {
    let difference = words ^ other.words
    return (0..<4).reduce(0) { $0 + difference[$1].nonzeroBitCount }
  }

  /// The pieces of 16 bits. Where two hashes differ in fewer bits than twice as many as there are pieces, some piece of
  /// theirs differs in one bit at most.
  public var bands: [UInt16] {
    (0..<Self.bandCount).map { UInt16(truncatingIfNeeded: words[$0 / 4] >> UInt64(16 * ($0 % 4))) }
  }

  /// 64 hexadecimal digits, those of the first byte first.
  public var description: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
