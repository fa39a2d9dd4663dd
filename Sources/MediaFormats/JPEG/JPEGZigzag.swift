/// The order in which a block's coefficients are coded (T.81 figure A.6).
enum JPEGZigzag {
  /// The natural place, row by row, of each.
  static let order: [UInt8] = {
    var order: [UInt8] = []
    for diagonal in 0..<15 {
      let places = (max(0, diagonal - 7)...min(diagonal, 7)).map { UInt8(8 * $0 + diagonal - $0) }
      order += diagonal % 2 == 0 ? places.reversed() : places
    }
    return order
  }()

  /// The same, and behind the last the first place again, 256 in all.
  private static let places: [UInt8] = order + [UInt8](repeating: 0, count: 192)

  /// For row v and a bit for each of its coefficients, at 256 v + bits: a bit for each of them in coded order.
  private static let rows: [UInt64] = {
    var rows = [UInt64](repeating: 0, count: 8 * 256)
    for (k, place) in order.enumerated() {
      let (row, column) = (Int(place) / 8, Int(place) % 8)
      for bits in 0..<256 where bits >> column & 1 == 1 { rows[256 * row + bits] |= 1 << UInt64(k) }
    }
    return rows
  }()

  /// Both for loops over blocks.
  struct Pointers {
    /// The natural place of each coefficient, 64, and zeros behind, 256 in all.
    let natural: UnsafePointer<UInt8>
    /// For row v and a bit for each of its coefficients, at 256 v + bits: a bit for each of them in coded order.
    let rows: UnsafePointer<UInt64>

    /// Bits in natural order, one a coefficient, in coded order.
    @inline(__always) func codedOrder(of bits: UInt64) -> UInt64 {
      var coded: UInt64 = 0
      for row in 0..<8 { coded |= rows[256 &* row &+ Int(bits &>> UInt64(8 &* row) & 0xFF)] }
      return coded
    }
  }

  /// Calls `body` with pointers that are valid while it runs.
  @inline(__always) static func withPointers<Result>(_ body: (Pointers) -> Result) -> Result? {
    places.withUnsafeBufferPointer { order in
      rows.withUnsafeBufferPointer { rows in
        guard let natural = order.baseAddress, let rows = rows.baseAddress else { return nil }
        return body(Pointers(natural: natural, rows: rows))
      }
    }
  }
}
