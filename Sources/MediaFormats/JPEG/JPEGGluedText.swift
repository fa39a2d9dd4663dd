internal import MediaCore

/// Labels that writers without a metadata library glue into an application segment: the word AIGC and JSON behind it.
enum JPEGGluedText {
  private static let word = Array("AIGC".utf8)
  /// Punctuation seen between the word and the JSON.
  private static let longestGap = 4

  /// The JSON text behind the first such word, and the range of both in `payload`; nil for none.
  static func find(in payload: [UInt8]) -> (text: String, range: Range<Int>)? {
    var start = 0
    while let found = index(of: word, in: payload, from: start, before: payload.count) {
      start = found + 1
      var brace = found + word.count
      while brace < payload.count, brace - found - word.count < longestGap,
        payload[brace] != UInt8(ascii: "{")
      {
        brace += 1
      }
      // Inside {"AIGC":{…}} the word is a key: take the object around it.
      let isKey =
        found >= 2 && payload[found - 1] == UInt8(ascii: "\"") && payload[found - 2] == UInt8(ascii: "{")
      if isKey { brace = found - 2 }
      guard brace < payload.count, payload[brace] == UInt8(ascii: "{") else { continue }
      let rest = Array(payload[brace...])
      var length = 0
      let isWhole = (try? JSONValue(prefixOf: rest, end: &length)) != nil
      let end = isWhole ? brace + length : payload.count
      return (String(decoding: payload[brace..<end], as: UTF8.self), min(found, brace)..<end)
    }
    return nil
  }

  /// Where `pattern` begins in `bytes`, looked for from `from` up to `end`.
  static func index(of pattern: [UInt8], in bytes: [UInt8], from: Int = 0, before end: Int) -> Int? {
    guard let first = pattern.first, from <= end - pattern.count else { return nil }
    for index in from...(end - pattern.count)
    where bytes[index] == first && bytes[index..<index + pattern.count].elementsEqual(pattern) {
      return index
    }
    return nil
  }
}
