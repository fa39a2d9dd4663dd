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
  private let length: Int
  // Of the windowed waves: sample × `width` + row, so that inner loops run over rows and need no reduction.
  private let cosines: [Float]
  private let sines: [Float]
  /// Rows with their neighbours.
  private static let width = rows + 2 * neighbours.upperBound

  /// `rate` is the decimated one.
  init(rate: Double) {
    hop = max(1, Int((rate * 0.005).rounded()))
    step = Double(hop) / rate
    length = Int(rate * Self.window)
    let angles = (0..<length).flatMap { index in
      (0..<Self.width).map { row -> Double in
        let frequency = Self.lowest + Self.spacing * Double(row - Self.neighbours.upperBound)
        return 2 * .pi * frequency / rate * Double(index)
      }
    }
    let scale = 1 / Double(length)
    let window = (0..<length).map { scale * (1 - cos(2 * .pi * (Double($0) + 0.5) * scale)) }
    cosines = angles.indices.map { Float(window[$0 / Self.width] * cos(angles[$0])) }
    sines = angles.indices.map { Float(window[$0 / Self.width] * sin(angles[$0])) }
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
    let padding = [Float](repeating: 0, count: length / 2)
    let padded = padding + samples + padding + padding
    var result = [[Float]](repeating: [Float](repeating: 0, count: columns), count: Self.width)
    var re = [Float](repeating: 0, count: Self.width)
    var im = re
    for column in 0..<columns {
      for row in 0..<Self.width { (re[row], im[row]) = (0, 0) }
      correlate(padded, at: column * hop, &re, &im)
      for row in 0..<Self.width { result[row][column] = re[row] * re[row] + im[row] * im[row] + 1e-10 }
    }
    return result
  }

  private func correlate(_ samples: [Float], at start: Int, _ re: inout [Float], _ im: inout [Float]) {
    samples.withUnsafeBufferPointer { samples in
      cosines.withUnsafeBufferPointer { cosines in
        sines.withUnsafeBufferPointer { sines in
          re.withUnsafeMutableBufferPointer { re in
            im.withUnsafeMutableBufferPointer { im in
              for index in 0..<length {
                let value = samples[start &+ index]
                let place = index &* Self.width
                for row in 0..<Self.width {
                  re[row] += value * cosines[place &+ row]
                  im[row] += value * sines[place &+ row]
                }
              }
            }
          }
        }
      }
    }
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
