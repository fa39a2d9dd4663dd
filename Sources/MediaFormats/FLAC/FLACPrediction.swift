/// What earlier samples predict (RFC 9639 9.2.5, 9.2.6).
enum FLACPrediction {
  /// Turns the residuals behind the first `coefficients.count` of `samples` into samples. `coefficients` are the last
  /// sample's first; what they come to loses its lowest `shift` bits.
  ///
  /// Taps are taken in fours that stay in registers, the last of them filled up with taps of no weight.
  static func restore(_ samples: UnsafeMutableBufferPointer<Int>, _ coefficients: [Int], shift: Int) {
    let order = coefficients.count
    guard order > 0, samples.count > order, let base = samples.baseAddress else { return }
    let padded = (order + 3) & ~3
    // A tap of no weight still reads its sample, and in front of the first there is none.
    let first = min(padded, samples.count)
    for index in order..<first {
      var sum = 0
      for tap in 0..<order { sum &+= coefficients[tap] &* base[index &- 1 &- tap] }
      base[index] &+= sum >> shift
    }
    let weights = coefficients + [Int](repeating: 0, count: padded - order)
    let rest = UnsafeMutableBufferPointer(rebasing: samples[first...])
    switch padded {
    case 4: restore(rest, Four(weights[...]), shift)
    case 8: restore(rest, Four(weights[...]), Four(weights[4...]), shift)
    case 12: restore(rest, Four(weights[...]), Four(weights[4...]), Four(weights[8...]), shift)
    default: restore(rest, stride(from: 0, to: padded, by: 4).map { Four(weights[$0...]) }, shift)
    }
  }

  /// Four taps.
  private struct Four {
    private let (a, b, c, d): (Int, Int, Int, Int)

    init(_ weights: ArraySlice<Int>) {
      let start = weights.startIndex
      (a, b, c, d) = (weights[start], weights[start + 1], weights[start + 2], weights[start + 3])
    }

    /// Their sum over the four samples in front of `place`.
    @inline(__always)
    func sum(before place: UnsafeMutablePointer<Int>) -> Int {
      (a &* place[-1] &+ b &* place[-2]) &+ (c &* place[-3] &+ d &* place[-4])
    }
  }

  private static func restore(_ rest: UnsafeMutableBufferPointer<Int>, _ taps: Four, _ shift: Int) {
    guard var place = rest.baseAddress else { return }
    for _ in 0..<rest.count {
      place.pointee &+= taps.sum(before: place) &>> shift
      place += 1
    }
  }

  private static func restore(
    _ rest: UnsafeMutableBufferPointer<Int>, _ near: Four, _ far: Four, _ shift: Int
  ) {
    guard var place = rest.baseAddress else { return }
    for _ in 0..<rest.count {
      place.pointee &+= (far.sum(before: place - 4) &+ near.sum(before: place)) &>> shift
      place += 1
    }
  }

  private static func restore(
    _ rest: UnsafeMutableBufferPointer<Int>, _ near: Four, _ middle: Four, _ far: Four, _ shift: Int
  ) {
    guard var place = rest.baseAddress else { return }
    for _ in 0..<rest.count {
      let old = far.sum(before: place - 8) &+ middle.sum(before: place - 4)
      place.pointee &+= (old &+ near.sum(before: place)) &>> shift
      place += 1
    }
  }

  private static func restore(_ rest: UnsafeMutableBufferPointer<Int>, _ taps: [Four], _ shift: Int) {
    guard var place = rest.baseAddress else { return }
    taps.withUnsafeBufferPointer { taps in
      for _ in 0..<rest.count {
        var sum = 0
        for index in taps.indices { sum &+= taps[index].sum(before: place - 4 * index) }
        place.pointee &+= sum &>> shift
        place += 1
      }
    }
  }
}
