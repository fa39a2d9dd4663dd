#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A recursive filter of second order, transposed direct form II.
struct Biquad {
  private let b0, b1, b2, a1, a2: Double
  private var s1 = 0.0
  private var s2 = 0.0

  @inline(__always)
  mutating func next(_ x: Double) -> Double {
    let y = b0 * x + s1
    s1 = b1 * x - a1 * y + s2
    s2 = b2 * x - a2 * y
    return y
  }

  /// The power gain at `frequency` Hz.
  func power(at frequency: Double, rate: Double) -> Double {
    let w = 2 * Double.pi * frequency / rate
    let top = (b0 + b1 * cos(w) + b2 * cos(2 * w), b1 * sin(w) + b2 * sin(2 * w))
    let bottom = (1 + a1 * cos(w) + a2 * cos(2 * w), a1 * sin(w) + a2 * sin(2 * w))
    return (top.0 * top.0 + top.1 * top.1) / (bottom.0 * bottom.0 + bottom.1 * bottom.1)
  }

  /// The high shelf of BS.1770's K weighting, the sound of the head: its analogue prototype, which at 48 kHz gives the
  /// coefficients of table 1, warped for `rate`.
  static func shelf(rate: Double) -> Biquad {
    let q = 0.7071752369554196
    let k = tan(.pi * min(1681.974450955533 / rate, 0.49))
    let high = pow(10, 3.999843853973347 / 20)
    let band = pow(high, 0.4996667741545416)
    let a0 = 1 + k / q + k * k
    return Biquad(
      b0: (high + band * k / q + k * k) / a0, b1: 2 * (k * k - high) / a0,
      b2: (high - band * k / q + k * k) / a0, a1: 2 * (k * k - 1) / a0, a2: (1 - k / q + k * k) / a0)
  }

  /// The high pass of the K weighting, table 2.
  static func highPass(rate: Double) -> Biquad {
    let q = 0.5003270373238773
    let k = tan(.pi * 38.13547087602444 / rate)
    let a0 = 1 + k / q + k * k
    return Biquad(b0: 1, b1: -2, b2: 1, a1: 2 * (k * k - 1) / a0, a2: (1 - k / q + k * k) / a0)
  }
}
