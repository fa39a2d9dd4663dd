import Foundation
import MediaCore
import Testing

@testable import Labels

/// What makes two pictures look alike.
@Suite struct FingerprintTests {
  /// A picture of 16 × 12 random greys and what lies between them, drawn from `seed`, at any size.
  static func picture(_ seed: UInt64, _ width: Int, _ height: Int) -> [UInt16] {
    var state = seed
    let (columns, rows) = (16, 12)
    let greys = (0..<columns * rows).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 56)
    }
    return (0..<width * height).map { index in
      let x = (Float(index % width) + 0.5) / Float(width) * Float(columns - 1)
      let y = (Float(index / width) + 0.5) / Float(height) * Float(rows - 1)
      let (column, row) = (min(Int(x), columns - 2), min(Int(y), rows - 2))
      let place = row * columns + column
      let (across, down) = (x - Float(column), y - Float(row))
      let above = greys[place] + (greys[place + 1] - greys[place]) * across
      let below = greys[place + columns] + (greys[place + columns + 1] - greys[place + columns]) * across
      return UInt16(above + (below - above) * down)
    }
  }

  private func frame(_ samples: [UInt16], _ width: Int, _ height: Int) -> PlaneFrame {
    PlaneFrame(
      size: PixelSize(width: width, height: height), model: .gray,
      planes: [SamplePlane(width: width, height: height, samples: samples)])
  }

  private func fingerprint(_ samples: [UInt16], _ width: Int, _ height: Int) throws -> PictureFingerprint {
    try #require(try PictureFingerprint(frame(samples, width, height)))
  }

  @Test func aPictureLooksLikeItselfAtAnySizeAndUnlikeOthers() throws {
    let sizes = [(160, 120), (128, 96), (101, 75), (150, 150)]
    let all = try (1...4).map { seed in
      try sizes.map { try fingerprint(Self.picture(seed, $0.0, $0.1), $0.0, $0.1).hash }
    }
    for (one, hashes) in all.enumerated() {
      for hash in hashes {
        #expect(hash.distance(to: hashes[0]) <= 20)
        for other in all.indices where other != one { #expect(hash.distance(to: all[other][0]) >= 80) }
      }
    }
  }

  /// The transform as it is defined, in double precision.
  @Test func theBitsAreThoseOfTheCosineTransform() throws {
    let samples = Self.picture(9, 64, 64)
    var values: [Double] = []
    for v in 1...16 {
      for u in 1...16 {
        var sum = 0.0
        for (index, sample) in samples.enumerated() {
          let (x, y) = (Double(2 * (index % 64) + 1), Double(2 * (index / 64) + 1))
          sum += Double(sample) * cos(x * Double(u) * .pi / 128) * cos(y * Double(v) * .pi / 128)
        }
        values.append(sum)
      }
    }
    let sorted = values.sorted()
    let median = (sorted[127] + sorted[128]) / 2
    let hash = try fingerprint(samples, 64, 64).hash
    var wrong = 0
    for (index, value) in values.enumerated() {
      let place = index % 16 * 16 + index / 16
      if (hash.words[place / 64] >> UInt64(place % 64) & 1 == 1) != (value > median) { wrong += 1 }
    }
    // Single precision may decide otherwise what lies beside the median.
    #expect(wrong <= 2)
  }

  @Test func aTurnedHashIsThatOfTheTurnedPicture() throws {
    let side = 96
    let samples = Self.picture(4, side, side)
    let whole = try fingerprint(samples, side, side)
    for turn in PictureFingerprint.Turn.all {
      let turned = (0..<side * side).map { index in
        var (x, y) = (index % side, index / side)
        if turn.isTransposed { (x, y) = (y, x) }
        return samples[(turn.isFlipped ? side - 1 - y : y) * side + (turn.isMirrored ? side - 1 - x : x)]
      }
      let hash = try fingerprint(turned, side, side).hash
      #expect(hash.distance(to: whole.hash(turned: turn)) <= 2, "\(turn)")
    }
    #expect(Set(PictureFingerprint.Turn.all.map(whole.hash)).count == 8)
  }

  @Test func whatLostAMarginIsNearAfterItIsRestored() throws {
    let side = 160
    let samples = Self.picture(8, side, side)
    let whole = try fingerprint(samples, side, side).hash
    let cuts: [(rows: Range<Int>, columns: Range<Int>)] = [
      (0..<side, 0..<side - 16), (8..<side, 0..<side), (5..<side - 5, 5..<side - 5), (8..<side - 8, 0..<side),
    ]
    for cut in cuts {
      let left = cut.rows.flatMap {
        samples[$0 * side + cut.columns.lowerBound..<$0 * side + cut.columns.upperBound]
      }
      let cutOne = try fingerprint(left, cut.columns.count, cut.rows.count)
      let best = cutOne.likelyHashes.map { $0.distance(to: whole) }.min() ?? 256
      #expect(best < cutOne.hash.distance(to: whole) && best <= 60, "\(cut)")
    }
    let same = try fingerprint(samples, side, side)
    #expect(same.hash(restoring: PictureFingerprint.Margins()).distance(to: whole) <= 2)
    #expect(same.likelyHashes.first == whole)
  }

  /// Sides that are multiples of the means and not.
  @Test(arguments: [(128, 128), (131, 97), (64, 64)], [PackedChannels.gray, .grayAlpha, .rgb, .rgba])
  func bytesSayWhatPlanesSay(_ size: (Int, Int), _ channels: PackedChannels) throws {
    try expectBytesToSayWhatPlanesSay(size.0, size.1, channels)
  }

  /// More than is added up at a time.
  @Test func manyRowsOfBytesSayWhatPlanesSay() throws {
    try expectBytesToSayWhatPlanesSay(64, 64 * 259 + 5, .gray)
  }

  private func expectBytesToSayWhatPlanesSay(
    _ width: Int, _ height: Int, _ channels: PackedChannels
  ) throws {
    let pictures = (1...UInt64(min(3, channels.rawValue))).map { Self.picture($0, width, height) }
    let packed = PackedPicture(width, height, channels) { x, y, channel in
      let isOpacity = channels.hasAlpha && channel == channels.rawValue - 1
      return isOpacity ? UInt8(255 - x % 7 * 9) : UInt8(pictures[channel][y * width + x])
    }
    let one = try #require(try PictureFingerprint(packed))
    let other = try #require(try PictureFingerprint(packed.planes))
    #expect(one.hash.distance(to: other.hash) <= 4)
    #expect(one.isDistinct)
  }

  /// The median of values with equal ones among them, in any order.
  @Test func halfOfTheBitsAreSetWhateverTheOrder() throws {
    for seed in UInt64(20)..<60 {
      let bits = try fingerprint(Self.picture(seed, 64, 64), 64, 64).hash.words
      #expect((0..<4).reduce(0) { $0 + bits[$1].nonzeroBitCount } == 128)
    }
  }

  /// By their blocks' means, and by their samples where blocks are fewer than means.
  @Test(arguments: [(520, 528), (160, 520), (96, 72)]) func coefficientsSayWhatPixelsSay(
    _ size: (Int, Int)
  ) throws {
    let (width, height) = size
    let pixels = frame(Self.picture(2, width, height), width, height)
    let blocks = BlockFrame(pixels, steps: [Float](repeating: 10, count: 64))
    let one = try #require(try PictureFingerprint(pixels))
    let other = try #require(try PictureFingerprint(blocks))
    #expect(one.hash.distance(to: other.hash) <= 8)
  }

  @Test func plainAndTinyPicturesSayNothing() throws {
    let (width, height) = (80, 70)
    let count = width * height
    for samples in [[UInt16](repeating: 200, count: count), (0..<count).map { UInt16(100 + $0 % 3) }] {
      #expect(try !fingerprint(samples, width, height).isDistinct)
    }
    #expect(try PictureFingerprint(frame([UInt16](repeating: 0, count: 63 * 80), 63, 80)) == nil)
    #expect(try fingerprint(Self.picture(1, width, height), width, height).isDistinct)
  }

  @Test func bytesAreTheHash() throws {
    let hash = try fingerprint(Self.picture(3, 80, 80), 80, 80).hash
    #expect(PerceptualHash(bytes: hash.bytes) == hash)
    #expect((0..<32).allSatisfy { hash.bytes[$0] == UInt8(hash.words[$0 / 8] >> UInt64($0 % 8 * 8) & 255) })
    let others = [
      PerceptualHash(words: ~hash.words), PerceptualHash(words: hash.words ^ SIMD4(7, 0, 1, 1 << 63)),
    ]
    #expect(hash.distance(toNearestOf: others) == 5 && hash.distance(toNearestOf: []) > 256)
    #expect(PerceptualHash(bytes: hash.bytes.dropLast()) == nil)
    #expect(hash.description.count == 64)
  }
}
