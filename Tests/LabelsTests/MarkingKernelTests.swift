import CSignal
import Foundation
import MediaCore
import Testing

@testable import Labels

/// The fast loops of marking against plain ones.
@Suite struct MarkingKernelTests {
  static let kinds: [PackedChannels] = [.gray, .grayAlpha, .rgb, .rgba]

  static func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = PolarCodeTests.Random(state: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  static func plane(_ width: Int, _ height: Int, seed: UInt64 = 3) -> LumaPlane {
    LumaPlane(width: width, height: height, values: noise(width * height, seed: seed).map { Float($0) })
  }

  @Test(arguments: kinds) func lumaOfBytesIsThatOfPlanes(_ kind: PackedChannels) throws {
    let bytes = Self.noise(67 * 5 * kind.rawValue, seed: 8)
    let picture = PackedPicture(67, 5, kind) { x, y, channel in
      let value = bytes[(y * 67 + x) * kind.rawValue + channel]
      return kind.hasAlpha && channel == kind.rawValue - 1 && x % 3 > 0 ? (x % 3 == 1 ? 255 : 0) : value
    }
    var (packed, planes) = ([Float](), [Float]())
    try LumaRows.forEach(of: picture) { packed += UnsafeBufferPointer(start: $1, count: 67) }
    try LumaRows.forEach(of: picture.planes) { planes += UnsafeBufferPointer(start: $1, count: 67) }
    #expect(packed.count == planes.count)
    for (a, b) in zip(packed, planes) { #expect(abs(a - b) < 0.6) }
    guard kind.rawValue >= 3 else { return }
    var blue: [Float] = []
    try BluenessRows.forEach(of: picture) { blue += UnsafeBufferPointer(start: $1, count: 67) }
    for index in 0..<67 * 5 where !kind.hasAlpha || picture.samples[4 * index + 3] == 255 {
      let value = Float(picture.samples[index * kind.rawValue + 2])
      #expect(abs(blue[index] - (value - packed[index])) < 0.01)
    }
  }

  /// Of every opacity, on white; widths beyond whole vectors.
  @Test(arguments: [8, 9, 61, 67, 256]) func whatIsHalfTransparentShowsWhite(_ width: Int) {
    let row = Self.noise(4 * width, seed: 21)
    var (luma, blue) = ([Float](repeating: 0, count: width), [Float](repeating: 0, count: width))
    PackedRow.luma(row, .rgba, count: width, into: &luma)
    PackedRow.blueness(row, .rgba, count: width, into: &blue)
    for x in 0..<width {
      func shown(_ value: Float) -> Float { 255 + (value - 255) * (Float(row[4 * x + 3]) / 255) }
      let weights: [Int] = [77, 150, 29]
      let sum = (0..<3).reduce(0) { $0 + weights[$1] * Int(row[4 * x + $1]) }
      let grey = shown(Float(sum) / 256)
      #expect(luma[x] == grey)
      #expect(blue[x] == shown(Float(row[4 * x + 2])) - grey)
    }
  }

  @Test(arguments: [2, 4], [4, 8, 16]) func pixelsThatAreShownAreCountedByCell(_ channels: Int, _ cell: Int) {
    for columns in [1, 2, 5, 8] {
      var row = Self.noise(channels * cell * columns, seed: 4)
      for x in 0..<cell * columns where x % 3 == 0 || x / cell == 1 { row[channels * x + channels - 1] = 0 }
      var counts = [Int32](repeating: 7, count: columns)
      tm_pixels_shown(row, Int32(channels), Int32(cell), Int32(columns), &counts)
      for column in 0..<columns {
        let pixels = column * cell..<(column + 1) * cell
        let shown = pixels.filter { row[channels * $0 + channels - 1] != 0 }.count
        #expect(Int(counts[column]) == 7 + shown)
      }
    }
  }

  @Test(arguments: kinds, [(16, true), (131, true), (131, false), (9000, true)])
  func changesAreRoundedBoundedAndLeaveWhatIsTransparent(
    _ kind: PackedChannels, _ row: (width: Int, isBlue: Bool)
  ) {
    let (width, count) = (row.width, kind.rawValue)
    var random = PolarCodeTests.Random(state: 5)
    // A few are more than any mark is.
    func mark(_ levels: Float) -> Int16 {
      Int16(min(max(levels * random.normal() * MarkRows.level, -32768), 32767))
    }
    let luma = (0..<width).map { mark($0 % 37 == 0 ? 200 : 3) }
    let blue = row.isBlue && count >= 3 ? (0..<width).map { _ in mark(4) } : nil
    let level = Int(MarkRows.level)
    var row = Self.noise(width * count, seed: 9)
    for x in stride(from: 0, to: width, by: 5) where kind.hasAlpha { row[x * count + count - 1] = 0 }
    var (expected, error) = (row, 0)
    for x in 0..<width where !kind.hasAlpha || row[x * count + count - 1] > 0 {
      for channel in 0..<(kind.hasAlpha ? count - 1 : count) {
        let part =
          blue.map {
            switch channel {
            case 1: Int((Float($0[x]) * (BlueMark.green * 65536).rounded() / 65536).rounded(.down))
            case 2: Int($0[x])
            default: 0
            }
          } ?? 0
        let old = Int(row[x * count + channel])
        let nearest = (Float(min(Int(luma[x]) + part + level / 2, 32767)) / Float(level)).rounded(.down)
        let by = min(max(Int(nearest), -128), 127)
        let new = min(max(old + by, 0), 255)
        expected[x * count + channel] = UInt8(new)
        error += (new - old) * (new - old)
      }
    }
    let found =
      if let blue {
        PackedRow.mark(&row, kind, count: width, luma: luma, blue: blue)
      } else {
        PackedRow.mark(&row, kind, count: width, luma: luma, blue: nil)
      }
    #expect(found == error)
    #expect(row == expected)
  }

  @Test(arguments: [4, 8, 16]) func momentsOfCellsAreSumsOverTheirPixels(_ cell: Int) {
    let plane = Self.plane(75, 53)
    let moments = CellMoments(plane, cell: cell)
    for row in 0..<53 / cell {
      for column in 0..<75 / cell {
        var (sum, squares, alongX, alongY) = (0.0, 0.0, 0.0, 0.0)
        for y in 0..<cell {
          for x in 0..<cell {
            let value = Double(plane.values[(row * cell + y) * 75 + column * cell + x])
            sum += value
            squares += value * value
            alongX += value * (Double(x) + 0.5 - Double(cell) / 2)
            alongY += value * (Double(y) + 0.5 - Double(cell) / 2)
          }
        }
        let index = row * (75 / cell) + column
        #expect(abs(Double(moments.sum[index]) - sum) < 1e-5 * sum + 0.1)
        #expect(abs(Double(moments.squares[index]) - squares) < 1e-5 * squares + 1)
        #expect(abs(Double(moments.alongX[index]) - alongX) < 1e-5 * squares + 1)
        #expect(abs(Double(moments.alongY[index]) - alongY) < 1e-5 * squares + 1)
      }
    }
  }

  /// Against the residual of a plane fitted to the window's pixels.
  @Test func windowsDeviateFromThePlaneThatFitsThemBest() {
    let (width, height, cell) = (24, 20, 4)
    let plane = Self.plane(width, height, seed: 12)
    let windows = ActivityWindows(CellMoments(plane, cell: cell))
    #expect((windows.columns, windows.rows) == (5, 4))
    let side = 2 * cell
    for row in 0..<windows.rows {
      for column in 0..<windows.columns {
        var (mean, slopeX, slopeY, spread) = (0.0, 0.0, 0.0, 0.0)
        let values = (0..<side * side).map { index in
          Double(plane.values[(row * cell + index / side) * width + column * cell + index % side])
        }
        func x(_ index: Int) -> Double { Double(index % side) - Double(side - 1) / 2 }
        func y(_ index: Int) -> Double { Double(index / side) - Double(side - 1) / 2 }
        for (index, value) in values.enumerated() {
          mean += value / Double(values.count)
          spread += x(index) * x(index)
          slopeX += x(index) * value
          slopeY += y(index) * value
        }
        let rest = values.enumerated().reduce(0.0) { sum, item in
          let fit = mean + slopeX / spread * x(item.offset) + slopeY / spread * y(item.offset)
          return sum + (item.element - fit) * (item.element - fit)
        }
        let deviation = (rest / Double(values.count)).squareRoot()
        #expect(abs(Double(windows.deviation[row * windows.columns + column]) - deviation) < 0.05)
      }
    }
  }

  @Test(arguments: [(2, 2), (3, 7), (25, 4), (41, 19)]) func cellsTakeWhatTheirWindowsSay(
    _ columns: Int, _ rows: Int
  ) {
    let pitch = columns - 1
    let deviation = Self.plane(pitch, rows - 1, seed: 5).values
    let variance = Self.plane(pitch, rows - 1, seed: 6).values
    var (calm, busy, spread) = (
      [Float](repeating: -1, count: columns * rows), [Float](repeating: -1, count: columns * rows),
      [Float](repeating: -1, count: columns * rows)
    )
    tm_cells_of_windows(deviation, variance, Int32(columns), Int32(rows), &calm, &busy, &spread)
    for row in 0..<rows {
      for column in 0..<columns {
        let windows = [(-1, -1), (0, -1), (-1, 0), (0, 0)].map { x, y in
          min(max(row + y, 0), rows - 2) * pitch + min(max(column + x, 0), columns - 2)
        }
        let index = row * columns + column
        #expect(calm[index] == windows.map { deviation[$0] }.min())
        #expect(busy[index] == 0.25 * windows.reduce(Float(0)) { $0 + deviation[$1] })
        #expect(spread[index] == 0.25 * windows.reduce(Float(0)) { $0 + variance[$1] })
      }
    }
  }

  @Test(arguments: [(2, 2), (9, 3), (40, 17)]) func gainsAreBoundedByThoseBeside(_ columns: Int, _ rows: Int)
  {
    let activity = Self.plane(columns, rows, seed: 15).values.map { $0 / 8 }
    let tones = Self.plane(columns, rows, seed: 16).values.map { 0.3 + $0 / 255 }
    let (slope, steepest): (Float, Float) = (0.2, 1.8)
    var which = tm_shape(slope: slope, steepest: steepest)
    var (across, gain) = (activity, activity)
    tm_cells_shape(activity, tones, &which, Int32(columns), Int32(rows), &across, &gain)
    func bounded(_ values: [Float], _ x: Int, _ y: Int, _ dx: Int, _ dy: Int) -> Float {
      let beside = [-1, 1].compactMap { side -> Float? in
        let (column, row) = (x + side * dx, y + side * dy)
        guard (0..<columns).contains(column), (0..<rows).contains(row) else { return nil }
        return values[row * columns + column]
      }
      return min(values[y * columns + x], steepest * (beside.min() ?? .infinity))
    }
    let places = (0..<columns * rows).map { ($0 % columns, $0 / columns) }
    let raw = zip(activity, tones).map { (1 + slope * $0) * $1 }
    let once = places.map { bounded(raw, $0, $1, 1, 0) }
    #expect(gain == places.map { bounded(once, $0, $1, 0, 1) })
  }

  @Test(arguments: [1, 7, 8, 100]) func marksAreLimitedByWhatEachCellShows(_ count: Int) {
    let views = (30..<34).map { Self.plane(count, 1, seed: $0).values }
    let planes = UnsafeMutablePointer<Float>.allocate(capacity: 5 * count)
    defer { planes.deallocate() }
    var constants = tm_limit_constants(
      near_white: 200, on_white: 1.3, stabiliser: 58.5, noise: 6)
    let limits = tm_cell_limits(
      activity: planes, tones: planes + count, steadiness: planes + 2 * count, clarity: planes + 3 * count)
    let left = planes + 4 * count
    tm_cells_left(views[0], Int32(count), 200, 0.56, left)
    tm_cells_limits(views[0], views[1], views[2], views[3], Int32(count), &constants, limits)
    for index in 0..<count {
      let (mean, calm, busy) = (views[0][index], views[1][index], views[2][index])
      let white: Float = min(1, max(0, (mean - 200) / 55))
      #expect(limits.activity[index] == min(40, 0.9 * calm + 0.1 * min(busy, 2.5 * calm + 2)))
      #expect(limits.tones[index] == min(1, max(0.3, (mean + 1) / 8)) * (1 + (Float(1.3) - 1) * white))
      #expect(left[index] == 1 - (1 - Float(0.56)) * white)
      #expect(limits.steadiness[index] == 2 * views[3][index] + 58.5)
      #expect(limits.clarity[index] == 1 / ((busy + 6) * (busy + 6)))
    }
  }

  @Test(arguments: [1, 7, 8, 100]) func copiesInBlueFollowTheLuma(_ count: Int) {
    let mean = Self.plane(count, 1, seed: 40).values.enumerated().map { $0 % 5 == 0 ? $1 / 100 : $1 + 20 }
    var strength = tm_blue_strength(
      black: 2, bright: 90, in_dark: 0.3, in_light: 0.9, strength: 1.7, room: 0.6, lift: 0.8)
    var (gain, shift) = (mean, mean)
    tm_cells_blue(mean, Int32(count), &strength, &gain, &shift)
    for index in 0..<count {
      let black = max(0, 1 - mean[index] / 2)
      let light = (Float(0.9) - 0.3) * min(1, mean[index] / 90)
      #expect(gain[index] == 1.7 * (0.3 + max(light, (1 - Float(0.3)) * black)))
      #expect(shift[index] == 0.8 * black - min(0.6, max(0, mean[index] + 0.6 - 255)))
    }
  }

  @Test(arguments: [1, 15, 16, 33, 200]) func valuesAreRoundedAndHalved(_ count: Int) {
    var random = PolarCodeTests.Random(state: 21)
    let values = (0..<2 * count).map { ($0 % 13 == 0 ? 9000 : 3) * random.normal() }
    var (whole, halves) = ([Int16](repeating: 0, count: 2 * count), [Float](repeating: 0, count: count))
    tm_row_round(values, Int32(2 * count), 4096, &whole)
    tm_row_halve(values, Int32(count), 0.25, &halves)
    for (value, found) in zip(values, whole) {
      #expect(Float(found) == min(max((value * 4096).rounded(), -32768), 32767))
    }
    for x in 0..<count { #expect(halves[x] == 0.25 * (values[2 * x] + values[2 * x + 1])) }
  }

  @Test func aPlaneOfHalfTheSizeHasTheMeansOfFourPixels() {
    let plane = Self.plane(94, 66, seed: 22)
    var reducer = LumaReducer(width: 94, height: 66, to: (47, 33))
    plane.values.withUnsafeBufferPointer { values in
      for y in 0..<66 { values.baseAddress.map { reducer.add($0 + 94 * y, y: y) } }
    }
    for y in 0..<33 {
      for x in 0..<47 {
        let sum = [0, 1, 94, 95].reduce(Float(0)) { $0 + plane.values[2 * (94 * y + x) + $1] }
        #expect(abs(reducer.plane.values[47 * y + x] - sum / 4) < 1e-3)
      }
    }
  }

  @Test(arguments: [1, 7, 8, 9, 64, 100]) func countsAndSumsOfCellsAreOfAll(_ count: Int) {
    let values = Self.plane(count, 1, seed: 9).values
    let limits: [(Float, Float)] = [
      (-.infinity, 90), (90, .infinity), (40, 200), (values[0], values[count - 1]),
    ]
    for (above, below) in limits {
      let plain = values.filter { $0 > above && $0 < below }.count
      #expect(CellSums.count(values, above: above, below: below) == Double(plain))
    }
    let plain = values.reduce(0.0) { $0 + 1 / Double(($1 + 6) * ($1 + 6)) }
    #expect(abs(CellSums.inverseSquares(values, plus: 6) - plain) < 1e-5 * plain)
    let others = Self.plane(count, 1, seed: 12).values
    let products = zip(values, others).reduce(0.0) { $0 + Double($1.0 * $1.1) }
    #expect(abs(CellSums.products(values, others) - products) < 1e-5 * products)
    let sum = values.reduce(0.0) { $0 + Double($1) }
    #expect(abs(CellSums.sum(values) - sum) < 1e-5 * sum)
  }

  @Test(arguments: [(47, 33), (30, 20), (13, 32), (8, 9)]) func anAreaMeanCountsPixelsByWhatTheyCover(
    _ width: Int, _ height: Int
  ) {
    let plane = Self.plane(47, 33)
    var reducer = LumaReducer(width: 47, height: 33, to: (width, height))
    plane.values.withUnsafeBufferPointer { values in
      for y in 0..<33 { values.baseAddress.map { reducer.add($0 + 47 * y, y: y) } }
    }
    func cover(_ pixel: Int, _ place: Int, _ from: Int, _ to: Int) -> Double {
      let (low, high) = (Double(place * from) / Double(to), Double((place + 1) * from) / Double(to))
      return max(0, min(high, Double(pixel + 1)) - max(low, Double(pixel)))
    }
    for y in 0..<height {
      for x in 0..<width {
        var (sum, area) = (0.0, 0.0)
        for row in 0..<33 where cover(row, y, 33, height) > 0 {
          for column in 0..<47 {
            let weight = cover(column, x, 47, width) * cover(row, y, 33, height)
            sum += weight * Double(plane.values[row * 47 + column])
            area += weight
          }
        }
        #expect(abs(Double(reducer.plane.values[y * width + x]) - sum / area) < 0.05, "\(x), \(y)")
      }
    }
  }

  @Test(arguments: [1, 7, 8, 9, 64, 100]) func sumsOverCellsAreThoseMadeInOrder(_ count: Int) {
    let a = Self.noise(count, seed: 1).map { Float($0) }
    let b = Self.noise(count, seed: 2).map { Float($0) + 1 }
    let (sum, products, shares) = zip(a, b).reduce((0.0, 0.0, 0.0)) {
      let (x, y) = (Double($1.0), Double($1.1))
      return ($0.0 + x, $0.1 + x * y, $0.2 + 0.3 * x / (y + 0.3 * x))
    }
    #expect(abs(CellSums.sum(a) - sum) < 1e-5 * sum + 1e-6)
    #expect(abs(CellSums.products(a, b) - products) < 1e-5 * products + 1e-6)
    #expect(abs(CellSums.shares(a, times: 0.3, over: b) - shares) < 1e-4)
  }

  @Test(arguments: [8, 24, 65]) func aTileIsTheSumOfItsWavesInWhateverOrder(_ side: Int) {
    var random = PolarCodeTests.Random(state: 12)
    let places = [(3, 2), (-7, 0), (15, 1), (0, -15), (4, 2), (-2, -3), (9, 0), (1, 2)]
    let waves = places.map {
      Synthesis.Wave(x: $0.0, y: $0.1, re: Double(random.normal()), im: Double(random.normal()))
    }
    let plane = Synthesis.plane(waves, TilePlaces(side: side, block: 1))
    for index in plane.indices {
      let (u, v) = ((Double(index % side) + 0.5) / Double(side), (Double(index / side) + 0.5) / Double(side))
      let expected = waves.reduce(0.0) { sum, wave in
        let angle = 2 * Double.pi * (Double(wave.x) * u + Double(wave.y) * v)
        return sum + wave.re * cos(angle) - wave.im * sin(angle)
      }
      #expect(abs(Double(plane[index]) - expected) < 1e-4)
    }
  }

  /// What is known of squares is what would be made of all their pixels.
  @Test(arguments: [(8, 2), (16, 4), (32, 8), (64, 16)]) func squaresHaveTheMeanOfTheirMiddles(
    _ eighths: Int, _ block: Int
  ) {
    let code = TileCode(WatermarkTests.key)
    let squares = TileSquares(code, WatermarkTests.payload, eighths: eighths, block: block)
    let pixels = TilePattern(code, WatermarkTests.payload, eighths: eighths)
    let side = 8 * eighths
    let held = zip([squares.plus, squares.minus], [pixels.plus, pixels.minus])
    for (values, pixels) in held {
      for (index, value) in values.enumerated() {
        let corner = index / (side / block) * block * side + index % (side / block) * block
        let last = corner + block / 2 * (side + 1)
        #expect(
          value == 0.25 * (pixels[last] + pixels[last - 1] + pixels[last - side] + pixels[last - side - 1]))
      }
    }
    let (transforms, spread) = (TileTransforms(squares), TilePattern(squares))
    for (kept, plane) in [(transforms.plus, spread.plus), (transforms.minus, spread.minus)] {
      for (index, value) in CosineTransform.blocks(of: plane, side: side).enumerated() {
        let known = index % 64 < transforms.width ? kept[index / 64 * transforms.width + index % 64] : 0
        #expect(index % 64 == 0 || block < 8 ? value == known : abs(value - known) < 1e-5)
      }
    }
  }

  @Test(
    arguments: [
      [(8, 1)], [(13, 1)], [(30, 1)], [(8, 2)], [(9, 2)], [(16, 4)], [(32, 8)], [(64, 16)],
      [(16, 4), (26, 2)],
      [(13, 1), (8, 2), (64, 8)],
    ], [4, 8, 16]) func aRowIsTilesTimesGainsBetweenTheMiddlesOfCells(
      _ tiles: [(eighths: Int, block: Int)], _ cell: Int
    )
  {
    let (width, height) = (275, 137)
    let code = TileCode(WatermarkTests.key)
    let squares = tiles.map {
      TileSquares(code, WatermarkTests.payload, eighths: $0.eighths, block: $0.block).scaled(0.5)
    }
    let patterns = squares.map { TilePattern($0) }
    let signs = TileSigns(code, TileCode.pattern(of: WatermarkTests.payload))
    let map = ActivityMap(CellMoments(width: width, height: height, cell: cell))
    var random = PolarCodeTests.Random(state: 6)
    let gain = map.mean.map { _ in 1 + 0.1 * random.normal() }
    // Rows of cells without any are drawn in a shorter way.
    let shift = map.mean.indices.map { $0 / map.columns % 5 < 3 ? 0 : random.normal() }
    var rows = MarkRows(squares, signs, gain: gain, shift: shift, of: map, width: width)
    func between(_ values: [Float], _ x: Int, _ y: Int) -> Float {
      func split(_ place: Int, _ count: Int) -> (Int, Int, Float) {
        let at = min(max((Float(place) + 0.5) / Float(cell) - 0.5, 0), Float(count - 1))
        return (Int(at), min(Int(at) + 1, count - 1), at - Float(Int(at)))
      }
      let (left, right, u) = split(x, map.columns)
      let (top, bottom, v) = split(y, map.rows)
      let upper = values[top * map.columns + left] * (1 - u) + values[top * map.columns + right] * u
      let lower = values[bottom * map.columns + left] * (1 - u) + values[bottom * map.columns + right] * u
      return upper * (1 - v) + lower * v
    }
    var row = [Int16](repeating: 0, count: rows.lanes)
    for y in Array(stride(from: 0, to: height, by: 17)) + Array(40..<60) {
      rows.draw(y, into: &row)
      for x in 0..<width {
        let sum = patterns.reduce(Float(0)) { sum, pattern in
          let side = pattern.side
          let tile = signs.isInverted(x / side, y / side) ? pattern.minus : pattern.plus
          return sum + tile[y % side * side + x % side]
        }
        let value = sum * between(gain, x, y) + between(shift, x, y)
        #expect(abs(Float(row[x]) / MarkRows.level - value) < 0.03, "\(x), \(y)")
      }
    }
  }

  @Test func blocksAreShownAtTheirSizeAndAtHalf() {
    var random = PolarCodeTests.Random(state: 4)
    // Waves of few cycles a block, which both sizes hold.
    var block = [Int16](repeating: 0, count: 64)
    for index in 0..<64 where index / 8 < 3 && index % 8 < 3 { block[index] = Int16(20 * random.normal()) }
    let steps = (0..<64).map { 1 + Float($0 % 5) }
    func basis(_ u: Int, _ place: Double) -> Double {
      (u == 0 ? 0.5.squareRoot() : 1) / 2 * cos((2 * place + 1) * Double(u) * .pi / 16)
    }
    func value(_ x: Double, _ y: Double) -> Double {
      (0..<64).reduce(128.0) {
        $0 + Double(block[$1]) * Double(steps[$1]) * basis($1 % 8, x) * basis($1 / 8, y)
      }
    }
    for samples in [8, 4] {
      var shown = [Float](repeating: 0, count: 10 * samples)
      ReducedTransform(steps: steps, samples: samples).show(block, into: &shown, pitch: 10)
      let scale = 8 / Double(samples)
      for index in 0..<samples * samples {
        let (x, y) = (index % samples, index / samples)
        let expected = value((Double(x) + 0.5) * scale - 0.5, (Double(y) + 0.5) * scale - 0.5)
        #expect(abs(Double(shown[y * 10 + x]) - expected) < 0.01, "\(samples): \(x), \(y)")
      }
    }
  }
}
