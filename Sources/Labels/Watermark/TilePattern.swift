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

  /// Amplitude of a synchronising wave, one of the message being 1.
  static let syncAmplitude = 1.25

  /// The tile of `payload`, whose cells are `eighths` / 8 pixels wide, in squares of `block` pixels that have one value each.
  init(_ code: TileCode, _ payload: WatermarkPayload, eighths: Int, block: Int = 1) {
    let side = 8 * eighths
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
    let constant = code.planes.plane(pattern, side: side) {
      code.sync[pattern].map { wave in
        Synthesis.Wave(
          x: wave.x, y: wave.y, re: unit * Self.syncAmplitude * wave.cosine,
          im: unit * Self.syncAmplitude * wave.sine)
      }
    }
    let changing = Synthesis.plane(message, side: side)
    self.side = side
    plus = Self.held(CellSums.combine(constant, changing, +), side: side, block: block)
    minus = Self.held(CellSums.combine(constant, changing, -), side: side, block: block)
  }

  /// Each square of `block` pixels, a power of two that divides `side`, with the value of its middle.
  private static func held(_ values: [Float], side: Int, block: Int) -> [Float] {
    guard block > 1 else { return values }
    return [Float](unsafeUninitializedCapacity: values.count) { held, count in
      count = values.count
      values.withUnsafeBufferPointer { values in
        guard let held = held.baseAddress else { return }
        for y in stride(from: 0, to: side, by: block) {
          let (line, below) = (held + y * side, (y + block / 2) * side)
          for x in stride(from: 0, to: side, by: block) {
            let middle = below &+ x &+ block / 2
            let upper = middle &- side
            let value = 0.25 * (values[middle] + values[middle &- 1] + values[upper] + values[upper &- 1])
            for column in x..<x &+ block { line[column] = value }
          }
          for row in 1..<block { (line + row * side).update(from: line, count: side) }
        }
      }
    }
  }

  /// The sign of the tile that holds column `tileX`, row `tileY` of tiles.
  static func sign(_ code: TileCode, pattern: Int, tileX: Int, tileY: Int) -> Float {
    let period = TileCode.signPeriod
    return code.signs[pattern][tileY % period * period + tileX % period]
  }
}

/// A key's synchronising waves as pixels, which are the same in all pictures of a size.
final class SyncPlanes: Sendable {
  private struct Place: Hashable {
    let pattern: Int
    let side: Int
  }

  /// Planes kept: each pattern in the sizes that pictures of a run have.
  private static let most = 16
  private let known = Mutex<[Place: [Float]]>([:])

  /// The plane of `pattern` at `side` pixels, made of `waves` when it is first asked for.
  func plane(_ pattern: Int, side: Int, _ waves: () -> [Synthesis.Wave]) -> [Float] {
    let place = Place(pattern: pattern, side: side)
    if let plane = known.withLock({ $0[place] }) { return plane }
    let plane = Synthesis.plane(waves(), side: side)
    known.withLock { known in
      if known.count >= Self.most { known.removeAll() }
      known[place] = plane
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

  /// The sum at the centres of `side` × `side` pixels of one tile, row by row.
  static func plane(_ waves: [Wave], side: Int) -> [Float] {
    let lines = WaveLines.of(side: side)
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

/// Cosines and sines of waves along a tile of `side` pixels, at their middles: of each frequency, first all of one, then all of the
/// other.
private struct WaveLines: Sendable {
  let values: [Float]

  private init(side: Int) {
    let turns = (0..<2 * side).map { Double.pi * Double($0) / Double(side) }
    let (cosines, sines) = (turns.map { Float(cos($0)) }, turns.map { Float(sin($0)) })
    values = (0...Int(TileCode.outerRadius)).flatMap { frequency in
      let places = (0..<side).map { (2 * $0 + 1) * frequency % (2 * side) }
      return places.map { cosines[$0] } + places.map { sines[$0] }
    }
  }

  private static let known = Mutex<[Int: WaveLines]>([:])
  /// Tables kept: of the sizes that pictures of a run have.
  private static let most = 16

  /// The table for `side` pixels, made when it is first asked for.
  static func of(side: Int) -> WaveLines {
    if let lines = known.withLock({ $0[side] }) { return lines }
    let lines = WaveLines(side: side)
    known.withLock { known in
      if known.count >= most { known.removeAll() }
      known[side] = lines
    }
    return lines
  }
}
