/// The byte stream of NAL units with start codes (ITU-T H.264 and H.265, annex B).
enum AnnexB {
  /// What stands in front of a unit.
  static let startCode: [UInt8] = [0, 0, 0, 1]

  /// The units between start codes, without the zeros that pad them; none is empty.
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
    return starts.indices.compactMap { position in
      let start = starts[position].unit
      var end = position + 1 < starts.count ? starts[position + 1].code : bytes.count
      while end > start, bytes[end - 1] == 0 { end -= 1 }
      return start < end ? start..<end : nil
    }
  }
}

/// How NAL units are told apart in a sample.
enum UnitFraming {
  /// By start codes, as in a byte stream.
  case startCodes
  /// By their lengths in so many bytes in front of each (ISO/IEC 14496-15).
  case lengths(Int)

  /// Appends a unit.
  func append(_ unit: ArraySlice<UInt8>, to result: inout [UInt8]) {
    switch self {
    case .startCodes: result += AnnexB.startCode
    case .lengths(let size): result += UInt32(truncatingIfNeeded: unit.count).bigEndianBytes.suffix(size)
    }
    result += unit
  }

  /// The units of a sample, headers included; damaged lengths end the list.
  func units(of sample: [UInt8]) -> [Range<Int>] {
    guard case .lengths(let size) = self else { return AnnexB.units(of: sample) }
    var units: [Range<Int>] = []
    var offset = 0
    while offset + size < sample.count {
      let length = sample[offset..<offset + size].reduce(0) { $0 << 8 | Int($1) }
      offset += size
      guard length > 0, length <= sample.count - offset else { break }
      units.append(offset..<offset + length)
      offset += length
    }
    return units
  }
}
