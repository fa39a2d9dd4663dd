/// Open bitstream units of AV1 (AV1 5.3).
enum AV1Stream {
  private static let temporalDelimiter: UInt8 = 2

  /// A temporal unit without its delimiter, which containers leave out (AV1 in ISOBMFF 2.4); nil for one without sizes.
  static func packed(_ stream: UnsafeRawBufferPointer) -> [UInt8]? {
    var result: [UInt8] = []
    var offset = 0
    while offset < stream.count {
      let header = stream[offset]
      var position = offset + (header & 4 == 0 ? 1 : 2)
      guard header & 2 != 0 else { return nil }
      var size = 0
      var shift = 0
      while position < stream.count, shift < 56 {
        let byte = stream[position]
        position += 1
        size |= Int(byte & 0x7F) << shift
        shift += 7
        if byte & 0x80 == 0 { break }
      }
      guard size <= stream.count - position else { return nil }
      if header >> 3 & 15 != temporalDelimiter { result += stream[offset..<position + size] }
      offset = position + size
    }
    return result
  }
}
