internal import CSystem

/// 256 bits that say what a picture looks like: those of two pictures that look alike differ in few places.
public struct PerceptualHash: Sendable, Hashable, CustomStringConvertible {
  /// Bits of a hash.
  public static let bitCount = 256
  /// Pieces of a hash that neighbouring frequencies are spread over, of `bitCount / bandCount` bits each.
  public static let bandCount = 16

  /// The bits, the first 64 in the first word, each word's first bit in its lowest place.
  public let words: SIMD4<UInt64>

  /// A hash by its bits.
  public init(words: SIMD4<UInt64>) { self.words = words }

  /// A hash of `bytes`, the lowest of each word first; nil unless there are 32.
  public init?(bytes: some Collection<UInt8>) {
    let hash = Array(bytes).withUnsafeBytes { PerceptualHash(bytes: $0) }
    guard let hash else { return nil }
    self = hash
  }

  /// The same of bytes in memory.
  public init?(bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.bitCount / 8 else { return nil }
    var words = SIMD4<UInt64>()
    for word in 0..<4 {
      words[word] = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self))
    }
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

  /// The least distance to any of `others`, 257 without any.
  public func distance(toNearestOf others: [PerceptualHash]) -> Int {
    others.withUnsafeBytes { others in
      withUnsafeBytes(of: words) { own in
        Int(
          tm_nearest_hash(
            own.bindMemory(to: UInt64.self).baseAddress, others.bindMemory(to: UInt64.self).baseAddress,
            Int32(clamping: others.count / 32)))
      }
    }
  }

  /// 64 hexadecimal digits, those of the first byte first.
  public var description: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
