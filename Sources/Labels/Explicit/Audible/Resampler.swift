#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Sound at another rate, by a windowed sinc that passes what both rates can hold.
enum Resampler {
  /// Zeros of the sinc on each side.
  private static let zeros = 16
  /// Steps of the table between two zeros.
  private static let steps = 256

  static func resample(_ samples: [Float], from source: Int, to target: Int) -> [Float] {
    guard source != target, !samples.isEmpty else { return samples }
    let ratio = Double(source) / Double(target)
    // A little below what both hold: the filter needs room to fall.
    let cutoff = 0.95 * min(1, 1 / ratio)
    let reach = Double(zeros) / cutoff
    let count = Int(Double(samples.count) / ratio)
    return (0..<count).map { index in
      let center = Double(index) * ratio
      let first = max(0, Int((center - reach).rounded(.up)))
      let last = min(samples.count - 1, Int(center + reach))
      guard first <= last else { return 0 }
      var sum: Float = 0
      for place in first...last {
        sum += samples[place] * kernel[Int(abs(Double(place) - center) * cutoff * Double(steps))]
      }
      return sum * Float(cutoff)
    }
  }

  private static let kernel: [Float] = (0...zeros * steps + 1).map { index in
    let x = (Double(index) + 0.5) / Double(steps)
    let window = 0.5 + 0.5 * cos(.pi * min(1, x / Double(zeros)))
    return Float(sin(.pi * x) / (.pi * x) * window)
  }
}
