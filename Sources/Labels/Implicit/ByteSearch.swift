internal import Glibc

// Byte searches for values of a megabyte: `Collection.firstRange(of:)` is made for patterns and took minutes on them.
extension [UInt8] {
  /// Where `needle`, which is not empty, stands first at or behind `start`.
  func range(of needle: [UInt8], from start: Int = 0) -> Range<Int>? {
    guard start <= count, !needle.isEmpty else { return nil }
    return withUnsafeBytes { bytes in
      needle.withUnsafeBytes { needle -> Range<Int>? in
        guard let base = bytes.baseAddress, let word = needle.baseAddress else { return nil }
        var index = start
        while bytes.count - index >= needle.count {
          let room = bytes.count - index - needle.count + 1
          guard let found = memchr(base + index, Int32(needle[0]), room) else { return nil }
          index = base.distance(to: UnsafeRawPointer(found))
          if memcmp(found, word, needle.count) == 0 { return index..<index + needle.count }
          index += 1
        }
        return nil
      }
    }
  }

  /// Whether `text` stands anywhere.
  func holds(_ text: String) -> Bool { range(of: Array(text.utf8)) != nil }

  /// A copy with every `needle` replaced.
  func replacing(_ needle: [UInt8], with text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var start = 0
    while let found = range(of: needle, from: start) {
      result += self[start..<found.lowerBound] + text
      start = found.upperBound
    }
    return result + self[start...]
  }
}
