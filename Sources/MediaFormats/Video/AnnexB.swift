/// The byte stream of NAL units with start codes (ITU-T H.264 and H.265, annex B).
enum AnnexB {
  /// The units between start codes, without the zeros that pad them.
  static func units(of bytes: [UInt8]) -> [Range<Int>] {
    var starts: [(code: Int, unit: Int)] = []
    var index = 0
    while index + 2 < bytes.count {
      if bytes[index + 2] > 1 {
        index += 3
      } else if bytes[index] == 0, bytes[index + 1] == 0, bytes[index + 2] == 1 {
        starts.append((index, index + 3))
        index += 3
      } else {
        index += 1
      }
    }
    return starts.indices.map { position in
      let start = starts[position].unit
      var end = position + 1 < starts.count ? starts[position + 1].code : bytes.count
      while end > start, bytes[end - 1] == 0 { end -= 1 }
      return start..<end
    }
  }

  /// Appends a unit behind its length in `lengthSize` bytes.
  static func append(_ unit: ArraySlice<UInt8>, _ lengthSize: Int, to result: inout [UInt8]) {
    result += UInt32(truncatingIfNeeded: unit.count).bigEndianBytes.suffix(lengthSize)
    result += unit
  }
}
