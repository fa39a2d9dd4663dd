/// Lengths as Xiph laces them, in Ogg pages (RFC 3533, 6), Matroska blocks and records of Vorbis headers: as many bytes of 255 as go into a
/// length, then what is left.
enum XiphLacing {
  /// Takes the next length off `bytes`; nil where they end inside of it.
  static func next(_ bytes: inout ArraySlice<UInt8>) -> Int? {
    var length = 0
    while let byte = bytes.popFirst() {
      length += Int(byte)
      if byte < 255 { return length }
    }
    return nil
  }

  /// A record of header packets: how many but the last, their lengths, the packets. `bytes` has each behind its length in two
  /// bytes, the first the higher, as libavcodec keeps those of Theora. Nil where they end inside of a packet, or are none.
  static func record(sized bytes: [UInt8]) -> [UInt8]? {
    var packets: [ArraySlice<UInt8>] = []
    var rest = bytes[...]
    while let high = rest.popFirst() {
      guard let low = rest.popFirst(), rest.count >= Int(high) << 8 | Int(low) else { return nil }
      packets.append(rest.prefix(Int(high) << 8 | Int(low)))
      rest = rest.dropFirst(Int(high) << 8 | Int(low))
    }
    guard (1...256).contains(packets.count) else { return nil }
    return [UInt8(packets.count - 1)] + packets.dropLast().flatMap { self.bytes($0.count) } + packets.joined()
  }

  /// The bytes that stand for `length`.
  static func bytes(_ length: Int) -> [UInt8] {
    [UInt8](repeating: 255, count: length / 255) + [UInt8(length % 255)]
  }
}
