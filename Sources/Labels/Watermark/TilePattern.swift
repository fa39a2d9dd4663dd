#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import CSignal
internal import Synchronization

/// One tile as drawn: `side` × `side` pixels, periodic, of unit mean square in both signs of its message.
struct TilePattern {
  /// Pixels along a side: 64 cells of k / 8 pixels.
  let side: Int
  /// Synchronisation plus message, row by row.
  let plus: [Float]
  /// Synchronisation minus message.
  let minus: [Float]

  /// The tile of `payload`, whose cells are `eighths` / 8 pixels wide, in squares of `block` pixels that have one value each.
  init(_ code: TileCode, _ payload: WatermarkPayload, eighths: Int, block: Int = 1) {
    self.init(TileSquares(code, payload, eighths: eighths, block: block))
  }

  init(_ squares: TileSquares) {
    side = squares.side
    plus = Self.spread(squares.plus, squares.block, side: side)
    minus = Self.spread(squares.minus, squares.block, side: side)
  }

  /// Each of `values` over a square of `block` pixels.
  private static func spread(_ values: [Float], _ block: Int, side: Int) -> [Float] {
    guard block > 1 else { return values }
    return [Float](unsafeUninitializedCapacity: side * side) { spread, count in
      count = side * side
      guard let spread = spread.baseAddress else { return }
      for (index, value) in values.enumerated() {
        let corner = spread + index / (side / block) * block * side + index % (side / block) * block
        for column in 0..<block { corner[column] = value }
      }
      for y in stride(from: 0, to: side, by: block) {
        for row in 1..<block { (spread + (y + row) * side).update(from: spread + y * side, count: side) }
      }
    }
  }
}

/// The tile that a `TilePattern` is, in the squares of pixels that have one value each.
struct TileSquares {
  /// Pixels along the tile's side, and along a square's, a power of two that divides it.
  let side: Int
  let block: Int
  /// Synchronisation plus message, one a square, row by row.
  let plus: [Float]
  /// Synchronisation minus message.
  let minus: [Float]

  /// Amplitude of a synchronising wave, one of the message being 1.
  static let syncAmplitude = 1.25

  /// The tile of `payload`, whose cells are `eighths` / 8 pixels wide; a square's value is that of its middle.
  init(_ code: TileCode, _ payload: WatermarkPayload, eighths: Int, block: Int) {
    let places = TilePlaces(side: 8 * eighths, block: block)
    let pattern = TileCode.pattern(of: payload)
    let symbols = code.symbols(payload)
    let power =
      (Double(code.message.count) + Double(code.sync[pattern].count) * Self.syncAmplitude * Self.syncAmplitude)
      / 2
    let unit = 1 / power.squareRoot()
    let half = 0.5.squareRoot()
    let message = code.message.enumerated().map { index, wave -> Synthesis.Wave in
      let (re, im) = (Double(symbols[index]) * half, Double(symbols[index + TileCode.messageWaves]) * half)
      let (c, s) = (wave.cosine, wave.sine)
      return .init(x: wave.x, y: wave.y, re: unit * (re * c - im * s), im: unit * (re * s + im * c))
    }
    let constant = code.planes.plane(pattern, places) {
      code.sync[pattern].map { wave in
        Synthesis.Wave(
          x: wave.x, y: wave.y, re: unit * Self.syncAmplitude * wave.cosine,
          im: unit * Self.syncAmplitude * wave.sine)
      }
    }
    let changing = Synthesis.plane(message, places)
    (side, self.block) = (places.side, block)
    plus = Self.middles(CellSums.combine(constant, changing, +), places)
    minus = Self.middles(CellSums.combine(constant, changing, -), places)
  }

  /// The same, `share` times as strong.
  func scaled(_ share: Float) -> TileSquares {
    TileSquares(
      side: side, block: block, plus: CellSums.map(plus) { share * $0 },
      minus: CellSums.map(minus) { share * $0 })
  }

  private init(side: Int, block: Int, plus: [Float], minus: [Float]) {
    self.side = side
    self.block = block
    self.plus = plus
    self.minus = minus
  }

  /// The mean of the four pixels that meet in the middle of each square.
  private static func middles(_ values: [Float], _ places: TilePlaces) -> [Float] {
    guard places.block > 1 else { return values }
    let (pitch, count) = (places.count, places.count / 2)
    return [Float](unsafeUninitializedCapacity: count * count) { middles, made in
      made = count * count
      values.withUnsafeBufferPointer { values in
        for y in 0..<count {
          for x in 0..<count {
            let last = (2 &* y &+ 1) &* pitch &+ 2 &* x &+ 1
            let upper = last &- pitch
            middles[y &* count &+ x] =
              0.25 * (values[last] + values[last &- 1] + values[upper] + values[upper &- 1])
          }
        }
      }
    }
  }
}

/// The places along a tile's side that its squares take their values from: all pixels where these are the squares, else the two that meet
/// in the middle of each.
struct TilePlaces: Hashable {
  let side: Int
  let block: Int

  var count: Int { block > 1 ? 2 * side / block : side }

  /// The pixel at place `index`.
  func pixel(_ index: Int) -> Int {
    block > 1 ? index / 2 * block + block / 2 - 1 + index % 2 : index
  }
}

/// A key's synchronising waves as pixels, which are the same in all pictures of a size.
final class SyncPlanes: Sendable {
  private struct Key: Hashable {
    let pattern: Int
    let places: TilePlaces
  }

  /// Planes kept: each pattern in the sizes that pictures of a run have.
  private static let most = 16
  private let known = Mutex<[Key: [Float]]>([:])

  /// The plane of `pattern` at `places`, made of `waves` when it is first asked for.
  func plane(_ pattern: Int, _ places: TilePlaces, _ waves: () -> [Synthesis.Wave]) -> [Float] {
    let key = Key(pattern: pattern, places: places)
    if let plane = known.withLock({ $0[key] }) { return plane }
    let plane = Synthesis.plane(waves(), places)
    known.withLock { known in
      if known.count >= Self.most { known.removeAll() }
      known[key] = plane
    }
    return plane
  }
}

/// Sums of plane waves, first along rows, then down columns.
enum Synthesis {
  /// Re (re + i im) · e^(2πi (x u + y v)), u and v in tiles.
  struct Wave {
    let x: Int
    let y: Int
    let re: Double
    let im: Double
  }

  /// The sum at the centres of the pixels of one tile that are at `places` both ways, row by row.
  static func plane(_ waves: [Wave], _ places: TilePlaces) -> [Float] {
    let (lines, side) = (WaveLines.of(places), places.count)
    var result = [Float](repeating: 0, count: side * side)
    var line = [Float](repeating: 0, count: 2 * side)
    for (y, waves) in byRow(waves) {
      for index in line.indices { line[index] = 0 }
      line.withUnsafeMutableBufferPointer { line in
        lines.values.withUnsafeBufferPointer { lines in
          guard let re = line.baseAddress, let lines = lines.baseAddress else { return }
          for wave in waves {
            let cosines = lines + 2 * side * abs(wave.x)
            let sign: Float = wave.x < 0 ? -1 : 1
            tm_add_wave(
              cosines, cosines + side, Float(wave.re), Float(wave.im), sign, re, re + side, Int32(side))
          }
        }
      }
      result.withUnsafeMutableBufferPointer { result in
        line.withUnsafeBufferPointer { line in
          guard let re = line.baseAddress, let result = result.baseAddress else { return }
          lines.values.withUnsafeBufferPointer { lines in
            guard let cosines = lines.baseAddress.map({ $0 + 2 * side * abs(y) }) else { return }
            tm_add_lines(re, re + side, cosines, cosines + side, y < 0 ? -1 : 1, result, Int32(side))
          }
        }
      }
    }
    return result
  }

  /// The waves of each frequency down the tile, least first, in the order that they have.
  private static func byRow(_ waves: [Wave]) -> [(y: Int, waves: ArraySlice<Wave>)] {
    let reach = Int(TileCode.outerRadius)
    var starts = [Int](repeating: 0, count: 2 * reach + 2)
    for wave in waves { starts[wave.y + reach + 1] += 1 }
    for index in 1..<starts.count { starts[index] += starts[index - 1] }
    var (ends, order) = (starts, [Int](repeating: 0, count: waves.count))
    for (index, wave) in waves.enumerated() {
      order[ends[wave.y + reach]] = index
      ends[wave.y + reach] += 1
    }
    let sorted = order.map { waves[$0] }
    return (-reach...reach).compactMap { y in
      let range = starts[y + reach]..<starts[y + reach + 1]
      return range.isEmpty ? nil : (y, sorted[range])
    }
  }
}

/// Cosines and sines of waves along a tile, at the middles of the pixels at its places: of each frequency, first all of one, then all of the
/// other.
private struct WaveLines: Sendable {
  let values: [Float]

  private init(_ places: TilePlaces) {
    let side = places.side
    let turns = (0..<2 * side).map { Double.pi * Double($0) / Double(side) }
    let (cosines, sines) = (turns.map { Float(cos($0)) }, turns.map { Float(sin($0)) })
    let pixels = (0..<places.count).map(places.pixel)
    values = (0...Int(TileCode.outerRadius)).flatMap { frequency in
      let turned = pixels.map { (2 * $0 + 1) * frequency % (2 * side) }
      return turned.map { cosines[$0] } + turned.map { sines[$0] }
    }
  }

  private static let known = Mutex<[TilePlaces: WaveLines]>([:])
  /// Tables kept: of the sizes that pictures of a run have.
  private static let most = 16

  /// The table for `places`, made when it is first asked for.
  static func of(_ places: TilePlaces) -> WaveLines {
    if let lines = known.withLock({ $0[places] }) { return lines }
    let lines = WaveLines(places)
    known.withLock { known in
      if known.count >= most { known.removeAll() }
      known[places] = lines
    }
    return lines
  }
}
