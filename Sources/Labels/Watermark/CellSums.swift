internal import CSignal

/// Loops over the cells of a picture. Sums are made eight at a time: a loop that adds up floats has to do so in order, one by one.
enum CellSums {
  private typealias Lanes = SIMD8<Float>

  /// Σ a.
  static func sum(_ a: [Float]) -> Double { total { tm_add_products(a, nil, Int32(a.count), $0) } }

  /// How many of a lie between `above` and `below`.
  static func count(_ a: [Float], above: Float = -.infinity, below: Float = .infinity) -> Double {
    total { tm_add_counts(a, Int32(a.count), above, below, $0) }
  }

  /// Σ 1 / (a + b)².
  static func inverseSquares(_ a: [Float], plus b: Float) -> Double {
    sum(a, a) { a, _ in 1 / ((a + b) * (a + b)) }
  }

  /// Σ a · b.
  static func products(_ a: [Float], _ b: [Float]) -> Double {
    total { tm_add_products(a, b, Int32(min(a.count, b.count)), $0) }
  }

  /// Σ factor · a / (b + factor · a), b positive.
  static func shares(_ a: [Float], times factor: Float, over b: [Float]) -> Double {
    total { tm_add_shares(a, b, Int32(min(a.count, b.count)), factor, $0) }
  }

  /// What `add` makes of eight sums that are 0.
  private static func total(_ add: (UnsafeMutablePointer<Float>) -> Void) -> Double {
    var lanes = Lanes()
    withUnsafeMutableBytes(of: &lanes) { lanes in
      if let sums = lanes.bindMemory(to: Float.self).baseAddress { add(sums) }
    }
    return Double(lanes.sum())
  }

  /// `count` values, all of which `fill` sets.
  static func values(_ count: Int, _ fill: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { values, made in
      made = count
      if let values = values.baseAddress { fill(values) }
    }
  }

  /// Twice as many.
  static func values(
    _ count: Int, _ fill: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) -> ([Float], [Float]) {
    var second: [Float] = []
    let first = values(count) { first in second = values(count) { fill(first, $0) } }
    return (first, second)
  }

  /// A value of each pair of a and b.
  @inline(__always)
  static func combine(_ a: [Float], _ b: [Float], _ value: (Float, Float) -> Float) -> [Float] {
    let count = min(a.count, b.count)
    return [Float](unsafeUninitializedCapacity: count) { result, made in
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          for index in 0..<count { result[index] = value(a[index], b[index]) }
        }
      }
      made = count
    }
  }

  /// A value of each of a.
  @inline(__always)
  static func map(_ a: [Float], _ value: (Float) -> Float) -> [Float] {
    [Float](unsafeUninitializedCapacity: a.count) { result, made in
      a.withUnsafeBufferPointer { a in
        for index in 0..<a.count { result[index] = value(a[index]) }
      }
      made = a.count
    }
  }

  @inline(__always)
  private static func sum(_ a: [Float], _ b: [Float], _ term: (Lanes, Lanes) -> Lanes) -> Double {
    let count = min(a.count, b.count)
    return a.withUnsafeBytes { a in
      b.withUnsafeBytes { b in
        var sums = Lanes()
        var index = 0
        while index &+ 8 <= count {
          sums += term(
            a.loadUnaligned(fromByteOffset: 4 &* index, as: Lanes.self),
            b.loadUnaligned(fromByteOffset: 4 &* index, as: Lanes.self))
          index &+= 8
        }
        var (lastA, lastB) = (Lanes(repeating: 1), Lanes(repeating: 1))
        for lane in 0..<count - index {
          lastA[lane] = a.loadUnaligned(fromByteOffset: 4 * (index + lane), as: Float.self)
          lastB[lane] = b.loadUnaligned(fromByteOffset: 4 * (index + lane), as: Float.self)
        }
        var last = term(lastA, lastB)
        for lane in count - index..<Lanes.scalarCount { last[lane] = 0 }
        return Double((sums + last).sum())
      }
    }
  }
}
