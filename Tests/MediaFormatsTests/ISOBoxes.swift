/// A second reader of boxes, for tests: whole nesting as paths and bytes, without any of the code under test.
struct ISOBoxes {
  struct Entry: Equatable {
    let path: String
    let bytes: [UInt8]
  }

  private static let containers: Set<String> = [
    "moov", "trak", "mdia", "minf", "stbl", "udta", "mvex", "moof", "traf",
  ]

  /// Boxes that hold no others, in order.
  private(set) var leaves: [Entry] = []

  init(_ bytes: [UInt8]) { walk(bytes[...], "") }

  static func box(_ type: String, _ content: [UInt8]) -> [UInt8] {
    number(content.count + 8) + type.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } + content
  }

  static func number(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }

  /// The children of one level with their types.
  static func split(_ bytes: ArraySlice<UInt8>) -> [(type: String, bytes: ArraySlice<UInt8>)] {
    var result: [(String, ArraySlice<UInt8>)] = []
    var rest = bytes
    while rest.count >= 8 {
      var size = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      if size == 1 { size = rest.dropFirst(8).prefix(8).reduce(0) { $0 << 8 | Int($1) } }
      if size < 8 || size > rest.count { break }
      let type = String(String.UnicodeScalarView(rest.dropFirst(4).prefix(4).map { Unicode.Scalar($0) }))
      result.append((type, rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    return result
  }

  private mutating func walk(_ bytes: ArraySlice<UInt8>, _ path: String) {
    for (type, whole) in Self.split(bytes) {
      if Self.containers.contains(type) {
        walk(whole.dropFirst(8), path + "/" + type)
      } else {
        leaves.append(Entry(path: path + "/" + type, bytes: Array(whole)))
      }
    }
  }
}
