/// Pictures of MPEG-4 part 2 (ISO/IEC 14496-2, 6.2).
enum MPEG4Stream {
  /// `vop_coding_type`.
  enum Kind: UInt8 {
    case intra, predicted, bidirectional, sprite
  }

  private static let picture: UInt8 = 0xB6

  /// The kind of the first picture; nil where there is none.
  static func kind(of bytes: [UInt8]) -> Kind? {
    starts(in: bytes, most: 1).first.flatMap {
      $0 + 1 < bytes.count ? Kind(rawValue: bytes[$0 + 1] >> 6) : nil
    }
  }

  /// Whether several pictures stand in one sample, as old encoders packed those that are shown before a later one.
  static func isPacked(_ bytes: [UInt8]) -> Bool { starts(in: bytes, most: 2).count > 1 }

  /// Where the codes of the first `most` pictures stand.
  private static func starts(in bytes: [UInt8], most: Int) -> [Int] {
    var starts: [Int] = []
    var index = 0
    while index + 3 < bytes.count, starts.count < most {
      if bytes[index + 2] > 1 {
        index += 3
      } else if bytes[index] == 0, bytes[index + 1] == 0, bytes[index + 2] == 1 {
        if bytes[index + 3] == picture { starts.append(index + 3) }
        index += 4
      } else {
        index += 1
      }
    }
    return starts
  }
}
