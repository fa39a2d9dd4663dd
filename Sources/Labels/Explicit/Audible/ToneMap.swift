#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// How far each of a row of frequencies stands out, by its neighbours and by its own loudest moment nearby, every 5 ms.
struct ToneMap {
  /// Hz between two rows, and of the first one searched.
  static let spacing = 16.0
  static let lowest = 448.0
  /// Rows searched: 448 to 1312 Hz. Writers choose 600 to 1000 Hz, and a player may run 5 % faster or slower.
  static let rows = 55
  /// dB above which more does not count.
  static let ceiling: Float = 20
  /// Rows on each side whose power a tone is compared with: beyond the main lobe of the window.
  private static let neighbours = 5...9
  private static let window = 0.048

  /// Seconds between two columns.
  let step: Double
  private let hop: Int
  private let cosines: [[Float]]
  private let sines: [[Float]]

  /// `rate` is the decimated one.
  init(rate: Double) {
    hop = max(1, Int((rate * 0.005).rounded()))
    step = Double(hop) / rate
    let length = Int(rate * Self.window)
    let window = (0..<length).map { 0.5 - 0.5 * cos(2 * .pi * (Double($0) + 0.5) / Double(length)) }
    let sum = window.reduce(0, +)
    let margin = Self.neighbours.upperBound
    let frequencies = (-margin..<Self.rows + margin).map { Self.lowest + Self.spacing * Double($0) }
    cosines = frequencies.map { f in
      window.indices.map { Float(window[$0] / sum * cos(2 * .pi * f / rate * Double($0))) }
    }
    sines = frequencies.map { f in
      window.indices.map { Float(window[$0] / sum * sin(2 * .pi * f / rate * Double($0))) }
    }
  }

  /// `result[row][column]`, 0 … `ceiling`; column c looks at the samples around c × `step`.
  func map(of samples: [Float]) -> [[Float]] {
    let levels = levels(of: samples)
    let margin = Self.neighbours.upperBound
    let columns = samples.count / hop
    return (0..<Self.rows).map { row in
      let own = levels[row + margin]
      let peak = Self.slidingMaximum(own, reach: Int(1.3 / step))
      return (0..<columns).map { column in
        var (below, above) = (Float(0), Float(0))
        for offset in Self.neighbours {
          below += levels[row + margin - offset][column]
          above += levels[row + margin + offset][column]
        }
        let width = Float(Self.neighbours.count)
        let level = 10 * log10(own[column])
        let ground = 5 * (log10(below / width) + log10(above / width))
        let room = level - 10 * log10(peak[column]) + Self.ceiling
        return min(max(min(level - ground, room), 0), Self.ceiling)
      }
    }
  }

  /// Power by row and column, never zero.
  private func levels(of samples: [Float]) -> [[Float]] {
    let columns = samples.count / hop
    let length = cosines.first?.count ?? 0
    let padding = [Float](repeating: 0, count: length / 2)
    let padded = padding + samples + padding + padding
    return cosines.indices.map { row in
      padded.withUnsafeBufferPointer { padded in
        cosines[row].withUnsafeBufferPointer { cosines in
          sines[row].withUnsafeBufferPointer { sines in
            (0..<columns).map { column in
              let start = column * hop
              var re = SIMD8<Float>(repeating: 0)
              var im = SIMD8<Float>(repeating: 0)
              var index = 0
              while index + 8 <= length {
                let x = Self.eight(padded, start + index)
                re += x * Self.eight(cosines, index)
                im += x * Self.eight(sines, index)
                index += 8
              }
              let (a, b) = (re.sum(), im.sum())
              return a * a + b * b + 1e-10
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private static func eight(_ values: UnsafeBufferPointer<Float>, _ index: Int) -> SIMD8<Float> {
    SIMD8(
      values[index], values[index + 1], values[index + 2], values[index + 3], values[index + 4],
      values[index + 5], values[index + 6], values[index + 7])
  }

  /// The largest value within `reach` of each.
  private static func slidingMaximum(_ values: [Float], reach: Int) -> [Float] {
    var result = values
    var queue: [Int] = []
    var head = 0
    for index in 0..<values.count + reach {
      if index < values.count {
        while queue.count > head, let last = queue.last, values[last] <= values[index] { queue.removeLast() }
        queue.append(index)
      }
      while head < queue.count, queue[head] < index - 2 * reach { head += 1 }
      if index >= reach, head < queue.count { result[index - reach] = values[queue[head]] }
    }
    return result
  }
}
