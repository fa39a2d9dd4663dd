import Foundation
import MediaCore
import Testing

@testable import Labels

/// Marks read where they were drawn, and the loops that takes, against plain ones.
@Suite struct AlignedReadingTests {
  private static func random(_ count: Int, _ deviation: Float, seed: UInt64) -> [Float] {
    var random = PolarCodeTests.Random(state: seed)
    return (0..<count).map { _ in deviation * random.normal() }
  }

  /// Steps of quantisation that grow with the frequency.
  private static func steps(from first: Float, slope: Float) -> [Float] {
    (0..<64).map { index in
      let frequency = Float(index / 8 + index % 8)
      return first + slope * frequency
    }
  }

  @Test(arguments: [8, 12, 16, 30, 64]) func bandsHoldTheLowestCoefficientsOfBlocks(_ side: Int) {
    let (width, height, shape) = (48, 40, BlockShape(side: side))
    let plane = MarkingKernelTests.plane(width, height, seed: 5)
    var band = BlockBand(shape, columns: width / 8)
    plane.values.withUnsafeBufferPointer { values in
      // Strips end where codecs' bands do, and with the picture.
      for y in stride(from: 0, to: height, by: 16) {
        guard let base = values.baseAddress else { return }
        let strip = LumaStrip(y: y, count: min(16, height - y), width: width, values: base + y * width)
        band.add(strip) { row, blocks in
          for column in 0..<width / 8 {
            for v in 0..<shape.depth {
              for u in 0..<shape.depth {
                var sum = 0.0
                for index in 0..<64 {
                  let (py, px) = (8 * row + index / 8, 8 * column + index % 8)
                  let value = Double(plane.values[py * width + px])
                  sum += value * CosineTransform.basis(u, index % 8) * CosineTransform.basis(v, index / 8)
                }
                let value = blocks[column * shape.count + v * shape.pitch + u]
                #expect(abs(Double(value) - sum) < 0.01, "\(row), \(column): \(v), \(u)")
              }
            }
          }
        }
      }
    }
  }

  @Test func coefficientsAreReadInSteps() {
    let quantised = Self.random(3 * 64, 20, seed: 6).map { Int16($0) }
    let steps = Self.steps(from: 1, slope: 0.6)
    for side in [8, 16] {
      let shape = BlockShape(side: side)
      var values = [Float](repeating: 0, count: 3 * shape.count)
      BlockReading(shape, steps: steps).read(quantised, columns: 3, into: &values)
      for index in 0..<3 * shape.depth * shape.depth {
        let (block, place) = (index / (shape.depth * shape.depth), index % (shape.depth * shape.depth))
        let (v, u) = (place / shape.depth, place % shape.depth)
        let value = Float(quantised[64 * block + 8 * v + u]) * steps[8 * v + u]
        #expect(values[shape.count * block + v * shape.pitch + u] == value)
      }
    }
  }

  /// The samples of a transformed block.
  private static func pixels(_ block: ArraySlice<Float>) -> [Double] {
    (0..<64).map { index in
      var sum = 0.0
      for (k, value) in block.enumerated() {
        sum +=
          Double(value) * CosineTransform.basis(k % 8, index % 8) * CosineTransform.basis(k / 8, index / 8)
      }
      return sum
    }
  }

  /// The waves of tiles added up, signs and all, are those of their pixels, where nothing is bounded and means say nothing.
  @Test(arguments: [false, true]) func wavesAreThoseOfTheTilesPixels(_ isSigned: Bool) {
    let (side, columns, rows) = (4, 20, 13)
    let shape = BlockShape(side: side)
    #expect((shape.depth, shape.pitch) == (8, 8))
    let code = TileCode(WatermarkTests.key)
    var blocks = Self.random(columns * rows * 64, 0.4, seed: 7)
    for block in 0..<columns * rows { blocks[64 * block] = 0 }
    var folds = BlockFolds(eighths: [side], columns: columns, rows: rows, isSigned: isSigned)
    for row in 0..<rows {
      var line = Array(blocks[row * columns * 64..<(row + 1) * columns * 64])
      folds.add(&line, row: row)
    }
    let fold = folds.folds[0]
    let waves = WaveTable.of(side: side, shape: shape).waves(fold.total(isSigned ? code.signs[2] : nil))
    var tile = [Double](repeating: 0, count: 32 * 32)
    for block in 0..<columns * rows {
      let (column, row) = (block % columns, block / columns)
      let isInverted = isSigned && TileSigns(code, 2).isInverted(column / side, row / side)
      let sign: Double = isInverted ? -1 : 1
      let pixels = Self.pixels(blocks[64 * block..<64 * (block + 1)])
      for index in 0..<64 {
        let (y, x) = (row % side * 8 + index / 8, column % side * 8 + index % 8)
        tile[y * 32 + x] += sign * pixels[index]
      }
    }
    for (x, y) in [(4, 0), (15, 3), (-15, 2), (-7, 13), (0, 9), (6, 6)] {
      var (re, im) = (0.0, 0.0)
      for index in tile.indices {
        let (u, v) = (Double(index % 32) + 0.5, Double(index / 32) + 0.5)
        let turns: Double = (Double(x) * u + Double(y) * v) / 32
        let angle = -2 * Double.pi * turns
        re += tile[index] * cos(angle)
        im += tile[index] * sin(angle)
      }
      let place = WaveTable.Waves.index(x, y)
      #expect(
        abs(Double(waves.re[place]) - re) < 0.01 && abs(Double(waves.im[place]) - im) < 0.01, "\(x), \(y)")
    }
  }

  /// A fold takes what its own width asks for, however much is held of blocks, with weights or bounded.
  @Test(arguments: [(9, 14), (9, 32), (14, 32), (4, 9)]) func foldsTakeWhatTheyKeepOfBlocks(
    _ widths: (Int, Int)
  ) {
    let (held, kept) = (BlockShape(side: widths.0), BlockShape(side: widths.1))
    let (columns, rows) = (70, 40)
    let blocks = Self.random(columns * rows * held.count, 3, seed: 12)
    let weights = Self.random(columns, 1, seed: 13).map(abs)
    for isWeighted in [false, true] {
      var whole = BlockFold(side: widths.1, columns: columns, rows: rows)
      var cut = BlockFold(side: widths.1, columns: columns, rows: rows)
      for row in 0..<rows {
        let line = Array(blocks[row * columns * held.count..<(row + 1) * columns * held.count])
        let short = (0..<columns * kept.count).map { index in
          let (block, place) = (index / kept.count, index % kept.count)
          return line[block * held.count + place / kept.pitch * held.pitch + place % kept.pitch]
        }
        if isWeighted {
          whole.add(line, held: held, times: weights, columns: columns, row: row)
          cut.add(short, held: kept, times: weights, columns: columns, row: row)
        } else {
          whole.add(line, held: held, columns: columns, row: row)
          cut.add(short, held: kept, columns: columns, row: row)
        }
      }
      #expect(whole.shape == kept && whole.total() == cut.total())
    }
  }

  /// Of blocks as they are quantised the same is measured and added as of their values.
  @Test(arguments: [4, 9, 14, 32]) func quantisedBlocksAreReadAsTheirValues(_ side: Int) {
    let (shape, steps, columns) = (BlockShape(side: side), Self.steps(from: 2, slope: 0.7), 70)
    let quantised = Self.random(columns * 64, 9, seed: 14).map { Int16($0) }
    let weights = Self.random(columns, 1, seed: 15).map(abs)
    var values = [Float](repeating: 0, count: columns * shape.count)
    BlockReading(shape, steps: steps).read(quantised, columns: columns, into: &values)
    var means = [LumaPlane](repeating: LumaPlane(width: columns, height: 1), count: 3)
    var evenings = means.prefix(2).map { BlockEvening($0) }
    var bounded = values
    evenings[0].measure(&values, shape, row: 0, &means[0])
    evenings[1].measure(quantised, steps: steps, shape, row: 0, &means[1])
    means[2].withRow(0) { shape.bound(&bounded, columns: columns, means: $0) }
    let expected = (0..<columns).map { Float(quantised[64 * $0]) * steps[0] }
    for means in means { #expect(means.values == expected) }
    #expect(evenings[0].weights(expected) == evenings[1].weights(expected))
    #expect(bounded == values.map { min(max($0, -BlockFold.bound), BlockFold.bound) })
    var folds = [BlockFold](repeating: BlockFold(side: side, columns: columns, rows: 1), count: 2)
    folds[0].add(values, held: shape, times: weights, columns: columns, row: 0)
    folds[1].add(quantised, steps: steps, times: weights, columns: columns, row: 0)
    #expect(folds[0].total() == folds[1].total())
  }

  @Test(arguments: [Float(0.4), 3]) func aBlockIsMarkedInWholeStepsOfWhatCanMove(_ gain: Float) {
    let steps = Self.steps(from: 2, slope: 0.7)
    let (plus, minus) = (Self.random(128, 4, seed: 8), Self.random(128, 4, seed: 9))
    let waves = BlockWaves(
      TileTransforms(plus: plus, minus: minus, width: 64), steps: steps, largestGain: gain)
    var largest = [Float](repeating: 0, count: 64)
    for index in 0..<128 {
      largest[index % 64] = max(largest[index % 64], abs(plus[index]), abs(minus[index]))
    }
    for (place, isInverted) in [(0, false), (1, true)] {
      var random = PolarCodeTests.Random(state: 10)
      var block = [Int16](repeating: 0, count: 64)
      for k in block.indices {
        let value: Float = abs(3 * random.normal()) - 2
        block[k] = Int16(max(0, value))
      }
      (block[0], block[1]) = (1023, -1023)
      var expected = block
      var (error, product) = (0.0, 0.0)
      for k in 0..<64 where k == 0 || largest[k] * gain >= 0.5 * steps[k] {
        let wave = (isInverted ? minus : plus)[64 * place + k]
        let offset: Float = k == 0 ? 9 : 0
        let change: Float = (gain * wave + offset) / steps[k]
        if abs(change) < (block[k] == 0 ? 0.6 : 0.5) { continue }
        let bound: Int = k == 0 ? 1024 : 1023
        let moved = Int(block[k]) + Int(change.rounded(.toNearestOrEven))
        let new: Int = min(max(moved, -bound), bound)
        let difference: Double = Double(new - Int(block[k])) * Double(steps[k])
        expected[k] = Int16(new)
        error += difference * difference
        product += difference * Double(gain * wave)
      }
      let before = block
      var (sums, rehearsed) = (BlockWaves.Sums(), BlockWaves.Sums())
      var hasChanged: UInt8 = 9
      let (gains, shifts) = ([gain], [Float(9)])
      gains.withUnsafeBufferPointer { gains in
        shifts.withUnsafeBufferPointer { shifts in
          let run = BlockWaves.Run(
            place: place, isInverted: isInverted, columns: 1, gains: gains.baseAddress!,
            shifts: shifts.baseAddress!)
          waves.rehearse(run, on: &block, &rehearsed)
          #expect(block == before)
          waves.add(run, to: &block, &hasChanged, &sums)
        }
      }
      #expect(block == expected)
      #expect(hasChanged == (before != block ? 1 : 0))
      #expect(abs(sums.error - error) < 1e-4 * error)
      #expect(abs(sums.product - product) < 1e-4 * max(abs(product), error))
      #expect((rehearsed.error, rehearsed.product) == (sums.error, sums.product))
    }
  }

  @Test(arguments: [64, 72]) func aTileIsTheSumOfItsWaves(_ side: Int) {
    let places = [(3, 0), (-7, 12), (15, 4), (0, 15), (-7, 3)]
    let waves = places.enumerated().map { index, place in
      let share = Double(index)
      return Synthesis.Wave(x: place.0, y: place.1, re: 0.3 + 0.3 * share, im: 1 - 0.4 * share)
    }
    let plane = Synthesis.plane(waves, TilePlaces(side: side, block: 1))
    for index in stride(from: 0, to: plane.count, by: 13) {
      let sum = waves.reduce(0.0) { sum, wave in
        let (u, v) = (Double(index % side) + 0.5, Double(index / side) + 0.5)
        let turns: Double = (Double(wave.x) * u + Double(wave.y) * v) / Double(side)
        let angle: Double = 2 * Double.pi * turns
        return sum + wave.re * cos(angle) - wave.im * sin(angle)
      }
      #expect(abs(Double(plane[index]) - sum) < 1e-4)
    }
  }

  private static func look(_ frame: any Frame, _ keys: [WatermarkKey]) throws -> WatermarkSearch.Outcome {
    var outcome = WatermarkSearch.Outcome()
    AlignedReader(keys.map { TileCode($0) }).read(try BlockFolds(frame), into: &outcome)
    return outcome
  }

  /// In pixels and in coefficients, by its own key among several, with a bound far below what is accepted.
  @Test(arguments: [(256, 256), (512, 300), (333, 421)])
  func aMarkIsReadWhereItWasDrawn(_ width: Int, _ height: Int) throws {
    let picture = WatermarkTests.picture(width, height)
    _ = try WatermarkTests.mark(picture)
    let keys = [WatermarkTests.otherKey, WatermarkTests.key]
    let finding = try #require(try Self.look(picture, keys).finding)
    #expect((finding.key, finding.payload) == (1, WatermarkTests.payload.bits))
    #expect(finding.log10p < -12 && !finding.isMirrored && !finding.isNegative)
    #expect(finding.lattice.ax == finding.lattice.by && finding.lattice.ay == 0)
    #expect(try Self.look(picture, [WatermarkTests.otherKey]).finding == nil)
    guard width % 8 == 0 && height % 8 == 0 else { return }
    let blocks = BlockFrame(picture, steps: Self.steps(from: 2, slope: 0.5))
    #expect(try Self.look(blocks, keys).finding?.payload == WatermarkTests.payload.bits)
  }

  /// No message is so much as decoded where synchronisation does not ask for it.
  @Test func whatIsNotMarkedIsNotRead() throws {
    for seed: UInt64 in 1...6 {
      let outcome = try Self.look(WatermarkTests.picture(256, 256, seed: seed), [WatermarkTests.key])
      #expect(outcome.finding == nil)
      #expect(outcome.placedLooks.count == 2)
      #expect(outcome.strongestSync < 5.5, "\(outcome.strongestSync)")
    }
  }

  /// A copy turned as a whole is not read here, but its synchronisation shows, so that it is not marked a second time.
  @Test func aTurnedMarkShows() throws {
    let picture = WatermarkTests.picture(256, 256)
    _ = try WatermarkTests.mark(picture)
    for index in picture.planes.indices {
      let samples = picture.planes[index].samples
      picture.planes[index].samples = samples.indices.map { place in
        let (x, y) = (place % 256, place / 256)
        return samples[(255 - x) * 256 + y]
      }
    }
    let reader = AlignedReader([TileCode(WatermarkTests.key)])
    var outcome = WatermarkSearch.Outcome()
    let pattern = TileCode.pattern(of: WatermarkTests.payload)
    reader.read(try BlockFolds(picture), patterns: pattern..<pattern + 1, into: &outcome)
    #expect(outcome.finding == nil)
    #expect(reader.strongestSync(pattern: pattern) > 7)
    let before = picture.planes
    let embedding = try WatermarkTests.mark(picture)
    #expect(embedding.fields.contains { $0.name == "present" })
    #expect(picture.planes == before)
  }
}
