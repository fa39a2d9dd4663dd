/// The sRGB transfer function (IEC 61966-2-1).
enum SRGB {
  private static let table: [Float] = (0...1024).map { Float(exactLinear(Double($0) / 1024)) }

  /// Linear light of an encoded value 0 … 1, from a table finer than 8 bits.
  static func linear(_ encoded: Float) -> Float {
    table[Int(min(max(encoded, 0), 1) * 1024 + 0.5)]
  }

  /// What encoded red, green and blue of 0, 1/1024 … 1 add to the relative luminance (WCAG 2), one behind the other.
  static let shares: [Float] = [Float(0.2126), 0.7152, 0.0722].flatMap { weight in table.map { weight * $0 } }

  /// The encoded value whose light is `linear`, found in the table.
  static func encoded(_ linear: Float) -> Float {
    var low = 0
    var high = 1024
    while low < high {
      let middle = (low + high) / 2
      if table[middle] < linear { low = middle + 1 } else { high = middle }
    }
    return Float(low) / 1024
  }

  private static func exactLinear(_ encoded: Double) -> Double {
    if encoded <= 0.04045 { return encoded / 12.92 }
    return power((encoded + 0.055) / 1.055)
  }

  /// x^2.4 = x² · x^(2/5): the fifth root by Newton's method, for the standard library has no `pow`.
  private static func power(_ x: Double) -> Double {
    let square = x * x
    var root = 1.0
    for _ in 0..<40 {
      let next = (4 * root + square / (root * root * root * root)) / 5
      if next == root { break }
      root = next
    }
    return square * root
  }
}
