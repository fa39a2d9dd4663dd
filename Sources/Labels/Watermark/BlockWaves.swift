/// The transforms of a tile's blocks in quantisation steps, of the few coefficients that a mark can move.
struct BlockWaves {
  private let indices: [Int]
  private let steps: [Float]
  private let plus: [Float]
  private let minus: [Float]
  /// A coefficient that is zero costs a symbol once it is not: the change must reach this share of a step.
  private static let deadZone: Float = 0.6

  init(_ plus: [Float], _ minus: [Float], steps: [Float], largestGain: Float) {
    var largest = [Float](repeating: 0, count: 64)
    for index in plus.indices {
      largest[index & 63] = max(largest[index & 63], abs(plus[index]), abs(minus[index]))
    }
    let indices = (0..<64).filter { $0 == 0 || largest[$0] * largestGain >= 0.5 * steps[$0] }
    self.indices = indices
    self.steps = indices.map { steps[$0] }
    func packed(_ values: [Float]) -> [Float] {
      stride(from: 0, to: values.count, by: 64).flatMap { start in
        indices.map { values[start + $0] / steps[$0] }
      }
    }
    self.plus = packed(plus)
    self.minus = packed(minus)
  }

  /// Adds one block's mark; whether anything changed. To `error` goes the square of what was added, to `product` what was added
  /// times what was to be.
  func add(
    _ place: Int, isInverted: Bool, times gain: Float, shift: Float, to block: UnsafeMutablePointer<Int16>,
    error: inout Float, product: inout Float
  ) -> Bool {
    let count = indices.count
    return (isInverted ? minus : plus).withUnsafeBufferPointer { waves in
      indices.withUnsafeBufferPointer { indices in
        steps.withUnsafeBufferPointer { steps in
          var (sum, products) = (Float(0), Float(0))
          let start = place &* count
          for n in 0..<count {
            let k = indices[n]
            let old = Int32(block[k])
            let change = gain * waves[start &+ n] + (k == 0 ? shift / steps[0] : 0)
            if abs(change) < (old == 0 ? Self.deadZone : 0.5) { continue }
            // AC coefficients of 8-bit samples have at most ten bits, DC differences eleven (T.81 table F.1, F.2).
            let bound: Int32 = k == 0 ? 1024 : 1023
            // Adding 1.5 · 2²³ leaves the nearest integer in a float's last bits.
            let rounded =
              Int32(bitPattern: (change + 0x1.8p23).bitPattern)
              &- Int32(bitPattern: Float(0x1.8p23).bitPattern)
            let new = min(max(old &+ rounded, -bound), bound)
            block[k] = Int16(truncatingIfNeeded: new)
            let difference = Float(new &- old) * steps[n]
            sum += difference * difference
            products += difference * gain * waves[start &+ n] * steps[n]
          }
          error += sum
          product += products
          return sum > 0
        }
      }
    }
  }
}
