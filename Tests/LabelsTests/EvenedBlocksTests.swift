import MediaCore
import Testing

@testable import Labels

/// Blocks that count by how little they are disturbed, and a reader that knows what was sent.
@Suite struct EvenedBlocksTests {
  private static let code = TileCode(WatermarkTests.key)

  /// Discs with edges here and there in a grey drawing.
  private static func drawing(seed: UInt64) -> PackedPicture {
    var random = PolarCodeTests.Random(state: seed)
    var values = [UInt8](repeating: 200, count: 512 * 512)
    for _ in 0..<160 {
      let (column, row) = (Int(random.next() % 512), Int(random.next() % 512))
      let (radius, value) = (4 + Int(random.next() % 9), UInt8(random.next() % 256))
      for y in max(0, row - radius)..<min(512, row + radius) {
        for x in max(0, column - radius)..<min(512, column + radius)
        where (x - column) * (x - column) + (y - row) * (y - row) < radius * radius {
          values[y * 512 + x] = value
        }
      }
    }
    return PackedPicture(512, 512, .gray) { x, y, _ in values[y * 512 + x] }
  }

  private static func statistic(_ frame: any Frame, isEven: Bool) throws -> Double {
    var outcome = WatermarkSearch.Outcome()
    let width = CellWidths(frame.size).flat
    let pattern = TileCode.pattern(of: WatermarkTests.payload)
    AlignedReader([code], sent: WatermarkTests.payload).read(
      try BlockFolds(frame, only: width, isEven: isEven), patterns: pattern..<pattern + 1, into: &outcome)
    return outcome.finding?.statistic ?? outcome.strongestStatistic
  }

  @Test(arguments: [1, 2, 3]) func edgesDisturbEvenedBlocksLess(seed: UInt64) throws {
    let picture = Self.drawing(seed: seed)
    _ = try FlatGraphicsMarkTests.mark(picture)
    let (plain, even) = (
      try Self.statistic(picture, isEven: false), try Self.statistic(picture, isEven: true)
    )
    #expect(even > plain + 1.5, "\(plain) \(even)")
    #expect(even > MessageDecoder.sure)
    #expect(try FlatGraphicsMarkTests.payloads(in: picture) == [WatermarkTests.payload.description])
  }

  @Test(arguments: [1, 2, 3]) func whatOnlyEvenedBlocksShowIsNotMarkedAgain(seed: UInt64) throws {
    let picture = Self.drawing(seed: seed)
    _ = try FlatGraphicsMarkTests.mark(picture)
    let once = picture.samples
    #expect(try FlatGraphicsMarkTests.mark(picture).fields.contains(.init("present", "true")))
    #expect(picture.samples == once)
  }

  @Test func anUnmarkedDrawingShowsNothing() throws {
    for seed: UInt64 in 4...6 {
      var outcome = WatermarkSearch.Outcome()
      AlignedReader([Self.code]).read(try BlockFolds(Self.drawing(seed: seed), isEven: true), into: &outcome)
      #expect(outcome.finding == nil)
      #expect(outcome.strongestSync < 5.5)
    }
  }

  /// Whoever knows what was sent reads that and nothing else, and no sooner than whoever does not.
  @Test func knowingWhatWasSentReadsNoSooner() throws {
    var random = PolarCodeTests.Random(state: 9)
    let sent = WatermarkPayload(bits: random.next())
    let symbols = Self.code.symbols(sent)
    let (blind, knowing) = (MessageDecoder(Self.code), MessageDecoder(Self.code, sent: sent))
    let other = MessageDecoder(Self.code, sent: WatermarkPayload(bits: random.next()))
    var read = 0
    for round in 0..<40 {
      let noise = Float(0.6 + 0.05 * Double(round))
      let values = symbols.map { $0 + noise * random.normal() }
      let (re, im) = (Array(values.prefix(256)), Array(values.dropFirst(256)))
      let known = knowing.decode(re: re, im: im, shift: nil)
      if known.isChecked {
        #expect(known.payload == sent.bits)
        #expect(blind.decode(re: re, im: im, shift: nil).payload == sent.bits)
        read += 1
      }
      #expect(!other.decode(re: re, im: im, shift: nil).isChecked)
    }
    #expect(10..<40 ~= read, "\(read)")
  }

  /// What counts as read without a decoder is what the least of them reads.
  @Test func whatIsBeyondDoubtASinglePathReads() {
    var random = PolarCodeTests.Random(state: 11)
    let sent = WatermarkPayload(bits: random.next())
    let symbols = Self.code.symbols(sent)
    let (blind, knowing) = (MessageDecoder(Self.code), MessageDecoder(Self.code, sent: sent))
    var seen = 0
    for round in 0..<60 {
      let noise = Float(0.9 + 0.02 * Double(round % 20))
      let values = symbols.map { $0 + noise * random.normal() }
      let (re, im) = (Array(values.prefix(256)), Array(values.dropFirst(256)))
      let known = knowing.decode(re: re, im: im, shift: nil)
      guard known.statistic >= MessageDecoder.beyondDoubt - 0.8 else { continue }
      let read = blind.decode(re: re, im: im, shift: nil, paths: 1)
      #expect(read.isChecked && read.payload == sent.bits, "\(known.statistic)")
      #expect(known.isChecked && known.evidence <= read.evidence + 1e-9)
      seen += 1
    }
    #expect(seen > 20, "\(seen)")
  }

  /// A list that is longer holds what a shorter one holds, or something likelier; any length will do.
  @Test func listsOfAnyLengthFindWhatIsClear() {
    var random = PolarCodeTests.Random(state: 10)
    let decoder = PolarDecoder()
    for paths in [1, 2, 3, 7, 16, 100, 256] {
      let payload = random.next()
      let channel = PolarCode.picture.encode(payload).map {
        2 * (($0 == 0 ? Float(1) : -1) + 0.9 * random.normal())
      }
      let candidates = decoder.decode(channel, paths: paths, isToScale: true)
      #expect(candidates.count == paths)
      #expect(candidates.first?.payload == payload && candidates.first?.isChecked == true)
    }
  }
}
