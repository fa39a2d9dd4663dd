import CImageIO
import MediaCore
import Testing

@testable import MediaFormats

/// Our own ways of deflating, read back by zlib.
@Suite struct QuickDeflateTests {
  /// Bytes by place, from a generator that each recipe uses its own way.
  static let recipes: [(name: String, byte: @Sendable (Int, inout SystemlessRandom) -> UInt8)] = [
    ("noise", { _, random in random.next() }),
    ("nothing", { _, _ in 0 }),
    ("long runs", { place, _ in UInt8(truncatingIfNeeded: place / 700) }),
    (
      "runs of three and four",
      { place, _ in UInt8(truncatingIfNeeded: place / 7 * 2 + (place % 7 < 3 ? 0 : 1)) }
    ),
    (
      "runs of all odd lengths",
      { place, _ in UInt8(truncatingIfNeeded: Int(Double(place % 70_000).squareRoot())) }
    ),
    (
      "runs here and there",
      { place, random in random.next() & random.next() & 3 &* UInt8(place / 150 & 1) }
    ),
    ("two values in turn", { place, _ in UInt8(place & 1) }),
    ("photograph, filtered", { _, random in random.next() & random.next() & random.next() }),
    ("one symbol twice as often as the next", { _, random in UInt8(random.leadingZeros(30)) }),
    (
      "drawing, filtered",
      { place, random in place % 900 < 800 || place % 7 < 4 ? 0 : random.next() & 3 &* UInt8(place % 3) }
    ),
    (
      "rows alike", { place, _ in place % 1537 % 300 < 250 ? 0 : UInt8(truncatingIfNeeded: place % 1537 * 7) }
    ),
  ]

  struct SystemlessRandom {
    private var state: UInt64 = 42
    private mutating func word() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
    mutating func next() -> UInt8 { UInt8(truncatingIfNeeded: word() >> 24) }
    mutating func leadingZeros(_ most: Int) -> Int {
      min(most, (word() &* 0x9E37_79B9_7F4A_7C15).leadingZeroBitCount)
    }
  }

  @Test(arguments: recipes.indices, [1, 2, 3, 9, 257, 65_535, 65_536, 300_000])
  func zlibReadsWhatWasWritten(_ recipe: Int, _ count: Int) throws {
    var random = SystemlessRandom()
    // One row of a grey picture, filter type 0.
    let row = (0..<count).map { Self.recipes[recipe].byte($0, &random) }
    let data: [UInt8] = [0] + row
    let quick = try Self.stream(data, .runs)
    #expect(quick.count <= data.count + 5 * (data.count / 32_768 + 1) + 64)
    #expect(try Self.decoded(quick, width: count) == row)
    let plain = try Self.stream(data, .plain)
    #expect(plain.count <= data.count + data.count / 50 + 64)
    #expect(try Self.decoded(plain, width: count) == row)
  }

  @Test(arguments: ["nothing", "long runs", "drawing, filtered", "rows alike"])
  func runsAreAsSmallAsAtLevelSix(_ name: String) throws {
    let recipe = try #require(Self.recipes.first { $0.name == name })
    var random = SystemlessRandom()
    let data = (0..<80_000).map { recipe.byte($0, &random) }
    let zlib = try Self.stream(data, .level(6, isFiltered: false))
    #expect(try Double(Self.stream(data, .plain).count) <= 1.02 * Double(zlib.count) + 64)
  }

  @Test(arguments: recipes.indices, [1, 2, 9, 257, 65_536, 300_000])
  func whatIsOnlyCountedTakesAsMuch(_ recipe: Int, _ count: Int) {
    var random = SystemlessRandom()
    let data = (0..<count).map { Self.recipes[recipe].byte($0, &random) }
    var output = [UInt8](repeating: 0, count: tm_deflate_bound(count))
    for (skip, isFinal) in [(Int32(0), Int32(1)), (3, 0), (7, 1)] {
      let quick = tm_deflate_quickly(data, count, skip, isFinal, &output, output.count)
      #expect(tm_deflate_quickly(data, count, skip, isFinal, nil, 0) == quick)
      let plain = tm_deflate_plain(data, count, 0, 15, skip, isFinal, &output, output.count)
      #expect(tm_deflate_plain(data, count, 0, 15, skip, isFinal, nil, 0) == plain)
    }
  }

  /// What goes before may end within a byte and be referred to; what follows begins on a whole one.
  @Test(arguments: recipes.indices, [9, 12, 15])
  func partsReferBackAndJoinOthers(_ recipe: Int, _ windowBits: Int) {
    var random = SystemlessRandom()
    let data = (0..<90_000).map { Self.recipes[recipe].byte($0, &random) }
    // Empty blocks of ten bits, RFC 1951 3.2.6, move what follows by two bits each.
    let emptyBlocks: [[UInt8]] = [[], [0x02], [0x02, 0x08], [0x02, 0x08, 0x20]]
    for (index, empty) in emptyBlocks.enumerated() {
      var stream = [UInt8(windowBits - 8) << 4 | 8, 0]
      stream[1] = UInt8(31 - Int(stream[0]) * 256 % 31)
      stream += empty
      var skip = 2 * index
      for part in [0..<0, 0..<1, 1..<33_000, 33_000..<90_000] {
        let isLast = part.upperBound == data.count
        var output = [UInt8](repeating: 0, count: tm_deflate_bound(part.count))
        let before = min(part.lowerBound, 1 << windowBits)
        let written = data.withUnsafeBufferPointer {
          tm_deflate_plain(
            $0.baseAddress.map { $0 + part.lowerBound }, part.count, before, Int32(windowBits), Int32(skip),
            isLast ? 1 : 0, &output, output.count)
        }
        #expect(written > 0)
        stream += output[..<written]
        skip = 0
      }
      stream += tm_adler32(data, data.count).bigEndianBytes
      var inflated = [UInt8](repeating: 0, count: data.count)
      let result = tm_inflate(stream, stream.count, &inflated, inflated.count, nil, 0, 0)
      #expect(result.status == 1 && result.output == data.count && inflated == data)
    }
  }

  @Test(arguments: [0, 1, 70_000]) func aWrongCheckValueIsAnError(_ count: Int) throws {
    let data = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 5) }
    let stream = try Self.stream(data, .runs)
    var inflated = [UInt8](repeating: 0, count: count + 1)
    for bit in [nil] + Array(stride(from: 0, to: 32, by: 5)) {
      var changed = stream
      if let bit { changed[stream.count - 1 - bit / 8] ^= 1 << (bit % 8) }
      let result = tm_inflate(changed, changed.count, &inflated, inflated.count, nil, 0, 0)
      #expect(result.status == (bit == nil ? 1 : -3) && result.output == count)
    }
    let cut = tm_inflate(stream, stream.count - 1, &inflated, inflated.count, nil, 0, 0)
    #expect(cut.status == -5)
  }

  /// The zlib stream of `data`.
  private static func stream(_ data: [UInt8], _ settings: DeflateSplice.Settings) throws -> [UInt8] {
    let scratch = Scratch()
    var bytes: [UInt8] = []
    try data.withUnsafeBytes { raw in
      let splice = try DeflateSplice(
        UnsafeRawBufferPointer(start: nil, count: 0),
        boundaries: [0, data.count].map { DeflateBoundary(output: $0, bit: 0) }, data: raw,
        dirty: [0..<data.count],
        settings: settings, scratch: scratch)
      try splice.write { (part: UnsafeRawBufferPointer) throws(MediaError) in bytes += Array(part) }
      #expect(bytes.count == splice.byteCount)
    }
    return bytes
  }

  /// A picture of one grey row.
  private static func png(_ stream: [UInt8], width: Int) throws -> [UInt8] {
    let size = UInt32(width).bigEndianBytes + UInt32(1).bigEndianBytes
    return Array(PNGStructure.signature) + PNGChunk.serialized(.ihdr, size + [8, 0, 0, 0, 0])
      + PNGChunk.serialized(.idat, stream) + PNGChunk.serialized(.iend, [])
  }

  private static func decoded(_ stream: [UInt8], width: Int) throws -> [UInt8] {
    let output = try OutputFile(unnamed: FilePath("row.png"))
    try output.write(try png(stream, width: width))
    try output.flush()
    let input = try InputFile(output.temporary)
    let file = try PNGFormat().open(input, limits: Limits(), scratch: Scratch())
    let frames = try #require(file as? any FrameMediaFile)
    var row: [UInt8] = []
    try frames.visitFrames(in: .whole, every: 0) { (frame) throws(MediaError) in
      let region = try frame.readRegion(PixelRect(x: 0, y: 0, width: width, height: 1))
      row = region.planes[0].samples.map { UInt8($0) }
    }
    return row
  }
}
