/// Loops over one row of a palette's indices, 1 … 8 bits each, packed as PNG 7.2 has them.
enum PNGPaletteRow {
  /// Hands `count` indices of `row` on, a byte each.
  static func withIndices(
    _ row: UnsafePointer<UInt8>, depth: Int, count: Int, _ body: (UnsafePointer<UInt8>) -> Void
  ) {
    guard depth < 8 else { return body(row) }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count + 8) { indices in
      guard let indices = indices.baseAddress else { return }
      let mask = UInt8(1 << depth - 1)
      // Whole bytes: there is room for those of the last.
      var place = 0
      while place < count {
        var byte = row[place * depth / 8]
        for _ in 0..<8 / depth {
          byte = byte &<< UInt8(depth) | byte &>> UInt8(8 - depth)
          indices[place] = byte & mask
          place &+= 1
        }
      }
      body(indices)
    }
  }

  /// The colour of each index as bytes.
  struct Colors {
    private let entries: [(UInt8, UInt8, UInt8, UInt8)]

    /// An index outside of `palette` is an error that decoders show as black (PNG 11.2.2).
    init(_ palette: PNGPalette) {
      entries = (0..<256).map { index in
        let color = index < palette.entries.count ? palette.entries[index] : 0xFF
        return (
          UInt8(truncatingIfNeeded: color >> 24), UInt8(truncatingIfNeeded: color >> 16),
          UInt8(truncatingIfNeeded: color >> 8), UInt8(truncatingIfNeeded: color)
        )
      }
    }

    /// The colours of `count` indices, with or without their alpha.
    func expand(
      _ indices: UnsafePointer<UInt8>, count: Int, hasAlpha: Bool, into target: UnsafeMutablePointer<UInt8>
    ) {
      let step = hasAlpha ? 4 : 3
      entries.withUnsafeBufferPointer { entries in
        var pixel = target
        for x in 0..<count {
          let color = entries[Int(indices[x])]
          (pixel[0], pixel[1], pixel[2]) = (color.0, color.1, color.2)
          if hasAlpha { pixel[3] = color.3 }
          pixel += step
        }
      }
    }
  }

  /// Which indices rows hold.
  struct Used {
    private let depth: Int
    // By the value of a whole byte; and of the indices in the last bytes of rows, which rows may leave partly empty.
    private var bytes = [Bool](repeating: false, count: 256)
    private var last = [Bool](repeating: false, count: 256)

    init(depth: Int) { self.depth = depth }

    mutating func add(_ row: UnsafePointer<UInt8>, count: Int) {
      let whole = count &* depth / 8
      bytes.withUnsafeMutableBufferPointer { bytes in
        for place in 0..<whole { bytes[Int(row[place])] = true }
      }
      for place in 0..<count - whole &* 8 / depth { last[index(row[whole], place)] = true }
    }

    private func index(_ byte: UInt8, _ place: Int) -> Int {
      Int(byte) >> (8 - depth * (place + 1)) & (1 << depth - 1)
    }

    var indices: [Bool] {
      var indices = last
      for byte in bytes.indices where bytes[byte] {
        for place in 0..<8 / depth { indices[index(UInt8(byte), place)] = true }
      }
      return indices
    }
  }
}
