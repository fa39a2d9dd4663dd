internal import MediaCore

/// The index of a Multi-Picture file (CIPA DC-007, 5.2): where the pictures behind the first one begin.
enum MultiPictureIndex {
  private static let prefix = 4
  private static let entriesTag: UInt16 = 0xB002
  private static let entrySize = 16

  /// `payload` of an APP2 segment, beginning with `MPF\0`, after the first picture has become `size` bytes long and
  /// what lies behind it has moved by `shift` bytes relative to this segment; nil when there is nothing to adjust.
  static func adjusted(_ payload: [UInt8], firstSize size: Int, shift: Int) -> [UInt8]? {
    guard let reader = TIFFReader(Array(payload.dropFirst(prefix))),
      let entries = entries(reader)
    else { return nil }
    var result = payload
    for index in 0..<entries.count / entrySize {
      let entry = entries.lowerBound + index * entrySize
      guard let offset = reader.uint32(at: entry + 8) else { return nil }
      if index == 0 {
        store(UInt32(clamping: size), at: prefix + entry + 4, in: &result, reader.isBigEndian)
      } else if offset != 0 {
        store(UInt32(clamping: Int(offset) + shift), at: prefix + entry + 8, in: &result, reader.isBigEndian)
      }
    }
    return result
  }

  /// The first picture's size as the index has it; nil when it cannot be read.
  static func firstSize(_ payload: [UInt8]) -> Int? {
    guard let reader = TIFFReader(Array(payload.dropFirst(prefix))), let entries = entries(reader) else {
      return nil
    }
    return reader.uint32(at: entries.lowerBound + 4).map(Int.init)
  }

  /// Where the entries stand in the TIFF structure.
  private static func entries(_ reader: TIFFReader) -> Range<Int>? {
    guard let first = reader.uint32(at: 4), let count = reader.uint16(at: Int(first)) else { return nil }
    for index in 0..<Int(count) {
      let field = Int(first) + 2 + 12 * index
      guard reader.uint16(at: field) == entriesTag, let size = reader.uint32(at: field + 4),
        let start = reader.uint32(at: field + 8)
      else { continue }
      let end = Int(start) + Int(size)
      return end <= reader.bytes.count && size >= UInt32(entrySize) ? Int(start)..<end : nil
    }
    return nil
  }

  private static func store(_ value: UInt32, at index: Int, in bytes: inout [UInt8], _ isBigEndian: Bool) {
    for place in 0..<4 {
      let shift = UInt32(8 * (isBigEndian ? 3 - place : place))
      bytes[index + place] = UInt8(truncatingIfNeeded: value >> shift)
    }
  }
}
