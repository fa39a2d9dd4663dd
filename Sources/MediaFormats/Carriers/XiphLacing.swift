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

  /// The bytes that stand for `length`.
  static func bytes(_ length: Int) -> [UInt8] {
    [UInt8](repeating: 255, count: length / 255) + [UInt8(length % 255)]
  }
}
