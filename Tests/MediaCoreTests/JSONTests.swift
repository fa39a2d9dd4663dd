import Foundation
import MediaCore
import Testing

@Suite struct JSONTests {
  static let valid: [(text: String, compact: String)] = [
    ("null", "null"), (" true ", "true"), ("false\n", "false"), ("0", "0"), ("-12", "-12"), ("1.50", "1.5"),
    ("1e2", "100.0"), ("-0.25", "-0.25"), ("9223372036854775807", "9223372036854775807"),
    ("\"\"", "\"\""), (#""\u0041\/\"\\\n\t""#, #""A/\"\\\n\t""#), (#""\uD83D\uDE00""#, "\"😀\""),
    (#""\u0000\u001f""#, #""\u0000\u001f""#), ("[]", "[]"), ("[ 1 , [2] ]", "[1,[2]]"), ("{ }", "{}"),
    (#"{"b":1,"a":{"b":2},"b":3}"#, #"{"b":1,"a":{"b":2},"b":3}"#), ("\"生成\"", "\"生成\""),
  ]

  @Test(arguments: valid) func writingWhatWasParsedGivesTheCompactForm(_ row: (text: String, compact: String))
    throws
  {
    let value = try JSONValue(parsing: Array(row.text.utf8))
    #expect(value.text == row.compact)
    #expect(try JSONValue(parsing: value.bytes) == value)
  }

  static let invalid: [(text: String, offset: Int)] = [
    ("", 0), (" ", 1), ("nul", 0), ("[1,]", 3), ("{\"a\"}", 4), ("{a:1}", 1), ("{\"a\":1,}", 7), ("01", 1),
    ("1.", 2), ("-", 1), ("1e", 2), ("1e999", 0), ("\"a", 2), ("\"\n\"", 1), (#""\x""#, 2), (#""\u12g4""#, 5),
    (#""\uD800""#, 3), (#""\uDC00\uD800""#, 3), ("[1] x", 4), ("[1", 2), ("{\"a\":1", 6), ("'a'", 0),
    ("NaN", 0),
  ]

  @Test(arguments: invalid) func whatIsNotJSONIsRefusedAtItsOffset(_ row: (text: String, offset: Int)) {
    #expect { try JSONValue(parsing: Array(row.text.utf8)) } throws: {
      ($0 as? JSONError)?.offset == row.offset
    }
  }

  @Test func invalidUTF8ExcessBytesAndDeepNestingAreRefused() throws {
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xC3, 0x28, 0x22]) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: Array("[1,2,3]".utf8), limit: 6) }
    let deep = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
    #expect(throws: Never.self) { try JSONValue(parsing: Array(deep.utf8)) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: Array("[\(deep)]".utf8)) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: Array(repeating: 0x7B, count: 1 << 20)) }
  }

  @Test func aPrefixEndsWhereItsValueEnds() throws {
    var end = 0
    let value = try JSONValue(prefixOf: Array("{\"a\":1}\u{0}rest".utf8), end: &end)
    #expect(value["a"] == 1)
    #expect(end == 7)
  }

  @Test func numbersJSONCannotHoldAreNullAndOthersReadBack() throws {
    #expect(JSONValue.double(.nan).text == "null")
    #expect(JSONValue.double(-.infinity).text == "null")
    #expect(JSONValue.rounded(3.14159, digits: 2).text == "3.14")
    #expect(JSONValue.rounded(26, digits: 1).text == "26.0")
    for value in [0.1, 1e-7, 1e300, 123_456.789] {
      #expect(try JSONValue(parsing: JSONValue.double(value).bytes) == .double(value))
    }
  }

  @Test func everyStringSurvivesAndAnotherParserReadsTheSame() throws {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<2_000 {
      let text = String(
        String.UnicodeScalarView(
          (0..<Int.random(in: 0...20, using: &random)).compactMap { _ in
            Unicode.Scalar(
              UInt32.random(in: 0...(Bool.random(using: &random) ? 0x7F : 0x10FFFF), using: &random))
          }))
      let bytes = JSONValue.array([.string(text)]).bytes
      #expect(try JSONValue(parsing: bytes) == .array([.string(text)]))
      #expect(!bytes.contains(0x0A))
      let other = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String]
      #expect(other?.first.map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
    }
  }

  @Test func mutatedTextsGiveAValueOrAnErrorInsideTheText() {
    var random = SeededGenerator(seed: 2)
    let seeds =
      Self.valid.map { Array($0.text.utf8) } + [
        Array(#"{"AIGC":{"Label":"1","ContentProducer":"x","ReservedCode1":"{\"a\":[1,2.5e3,null]}"}}"#.utf8)
      ]
    var read = 0
    for _ in 0..<20_000 {
      var bytes = seeds.randomElement(using: &random) ?? []
      for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&bytes, &random) }
      do {
        let value = try JSONValue(parsing: bytes)
        read += 1
        #expect((try? JSONValue(parsing: value.bytes)) == value)
      } catch {
        #expect((0...bytes.count).contains(error.offset))
      }
    }
    #expect(read > 500 && read < 19_500)
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    let index = Int.random(in: 0...bytes.count, using: &random)
    let tokens = Array("{}[]\",:\\u0e-.tn \u{1F600}".utf8)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: bytes.insert(tokens.randomElement(using: &random) ?? 0, at: index)
    case 1: if index < bytes.count { bytes.remove(at: index) }
    case 2: if index < bytes.count { bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
    default: bytes.removeLast(min(bytes.count, Int.random(in: 0..<4, using: &random)))
    }
  }
}

/// SplitMix64: the same numbers on every run.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
