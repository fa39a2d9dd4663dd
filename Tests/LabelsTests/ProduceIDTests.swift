import MediaCore
import Testing

@testable import Labels

@Suite struct ProduceIDTests {
  /// All zeros or all ones, to see where the bits go.
  struct ConstantRandom: RandomNumberGenerator {
    let value: UInt64
    mutating func next() -> UInt64 { value }
  }

  @Test func theDigitsAreThoseOfTheNumber() {
    var zeros = ConstantRandom(value: 0)
    var ones = ConstantRandom(value: .max)
    var generator = ProduceIDGenerator()
    #expect(generator.next(atMilliseconds: 0, using: &zeros) == "00000000000000000000000000")
    #expect(generator.next(atMilliseconds: 0, using: &zeros) == "00000000000000000000000001")
    #expect(generator.next(atMilliseconds: 1, using: &zeros) == "00000000010000000000000000")
    // The example of the ULID specification: 1469918176385 is 01ARYZ6S41.
    #expect(generator.next(atMilliseconds: 1_469_918_176_385, using: &zeros).hasPrefix("01ARYZ6S41"))
    #expect(generator.next(atMilliseconds: .max, using: &ones) == "7ZZZZZZZZZZZZZZZZZZZZZZZZZ")
  }

  @Test func theyRiseWhateverTheClockDoes() throws {
    var random = SeededRandom(1)
    var generator = ProduceIDGenerator()
    var now: UInt64 = 1_795_000_000_000
    var last = ""
    for _ in 0..<20_000 {
      now = now &+ UInt64.random(in: 0...3, using: &random) &- 1
      let id = generator.next(atMilliseconds: now, using: &random)
      #expect(id.utf8.count == 26)
      #expect(last.utf8.lexicographicallyPrecedes(id.utf8))
      last = id
    }
    try ProduceIDGenerator.check(last)
  }

  @Test func anOverflowOfTheRandomPartTakesTheNextMillisecond() {
    var ones = ConstantRandom(value: .max)
    var zeros = ConstantRandom(value: 0)
    var generator = ProduceIDGenerator()
    #expect(generator.next(atMilliseconds: 5, using: &ones) == "0000000005ZZZZZZZZZZZZZZZZ")
    #expect(generator.next(atMilliseconds: 5, using: &zeros) == "00000000060000000000000000")
  }

  @Test func machinesThatNeverMetDoNotCollide() {
    var seen: Set<String> = []
    for machine in 0..<200 as Range<UInt64> {
      var random = SeededRandom(machine)
      var generator = ProduceIDGenerator()
      for _ in 0..<100 { seen.insert(generator.next(atMilliseconds: 1_795_000_000_000, using: &random)) }
    }
    #expect(seen.count == 20_000)
  }

  @Test(arguments: ["", "a b", "編號", "a\\b", "a\"b", String(repeating: "x", count: 2049)])
  func badIDsAreRefused(_ id: String) {
    #expect(throws: MediaError.self) { try ProduceIDGenerator.check(id) }
  }

  @Test(arguments: ["1", "20261123-000001", "0197f3c2-9a51-7bbb-8000-1234567890ab", "a/b?c=d&e"])
  func ownIDsAreAllowed(_ id: String) throws { try ProduceIDGenerator.check(id) }
}
