internal import MediaCore

/// Loops over one row of 8-bit samples, the channels of a pixel side by side.
enum PackedRow {
  /// BT.601 luma in 256ths, 0 … 255, on white where a pixel is not opaque.
  static func luma(
    _ row: UnsafePointer<UInt8>, _ channels: PackedChannels, count: Int,
    into luma: UnsafeMutablePointer<Float>
  ) {
    switch channels {
    case .gray:
      for x in 0..<count { luma[x] = Float(row[x]) }
    case .grayAlpha:
      for x in 0..<count { luma[x] = shown(Float(row[2 &* x]), row[2 &* x &+ 1]) }
    case .rgb, .rgba:
      withUnsafeTemporaryAllocation(of: UInt16.self, capacity: count) { sums in
        guard let sums = sums.baseAddress else { return }
        // Whole numbers first, by themselves: a loop that also makes floats of them is not vectorised.
        if channels == .rgb { weigh(row, 3, count, into: sums) } else { weigh(row, 4, count, into: sums) }
        for x in 0..<count { luma[x] = Float(sums[x]) * 0x1p-8 }
      }
      guard channels == .rgba else { return }
      for x in 0..<count { luma[x] = shown(luma[x], row[4 &* x &+ 3]) }
    }
  }

  /// Luma in 256ths, of pixels that are `step` samples apart.
  @inline(__always)
  private static func weigh(
    _ row: UnsafePointer<UInt8>, _ step: Int, _ count: Int, into sums: UnsafeMutablePointer<UInt16>
  ) {
    for x in 0..<count {
      sums[x] =
        77 &* UInt16(row[step &* x]) &+ 150 &* UInt16(row[step &* x &+ 1])
        &+ 29 &* UInt16(row[step &* x &+ 2])
    }
  }

  @inline(__always)
  private static func shown(_ luma: Float, _ alpha: UInt8) -> Float {
    255 + (luma - 255) * (Float(alpha) / 255)
  }

  /// Blue less luma, grey levels, of rows with colours.
  static func blueness(
    _ row: UnsafePointer<UInt8>, _ channels: PackedChannels, count: Int,
    into blueness: UnsafeMutablePointer<Float>
  ) {
    luma(row, channels, count: count, into: blueness)
    let step = channels.rawValue
    switch channels {
    case .gray, .grayAlpha: blueness.update(repeating: 0, count: count)
    case .rgb: for x in 0..<count { blueness[x] = Float(row[step &* x &+ 2]) - blueness[x] }
    case .rgba:
      for x in 0..<count {
        blueness[x] = shown(Float(row[step &* x &+ 2]), row[step &* x &+ 3]) - blueness[x]
      }
    }
  }

  /// Grey levels to add to each pixel, and to its blue at the cost of its green, become whole changes of samples: none for
  /// opacity, nor for a pixel that is fully transparent.
  static func spread(
    _ luma: UnsafePointer<Float>, blue: UnsafePointer<Float>?, over row: UnsafePointer<UInt8>,
    _ channels: PackedChannels, count: Int, into changes: UnsafeMutablePointer<Int16>
  ) {
    let step = channels.rawValue
    switch channels {
    case .gray:
      for x in 0..<count { changes[x] = whole(luma[x]) }
    case .grayAlpha:
      for x in 0..<count {
        changes[2 &* x] = whole(luma[x])
        changes[2 &* x &+ 1] = 0
      }
    case .rgb, .rgba:
      for x in 0..<count {
        let change = whole(luma[x])
        changes[step &* x] = change
        changes[step &* x &+ 1] = change
        changes[step &* x &+ 2] = change
      }
      if let blue {
        for x in 0..<count {
          changes[step &* x &+ 1] = whole(luma[x] + BlueMark.green * blue[x])
          changes[step &* x &+ 2] = whole(luma[x] + blue[x])
        }
      }
    }
    guard channels.hasAlpha else { return }
    for x in 0..<count {
      if row[step &* x &+ step &- 1] == 0 {
        for channel in 0..<step { changes[step &* x &+ channel] = 0 }
      }
      changes[step &* x &+ step &- 1] = 0
    }
  }

  /// The nearest whole number: adding 1.5 · 2²³ leaves it in a float's last bits.
  @inline(__always)
  private static func whole(_ value: Float) -> Int16 {
    Int16(truncatingIfNeeded: (value + 0x1.8p23).bitPattern)
  }

  /// Adds a change to each sample within 0 … 255; returns Σ of the squares of what was added.
  static func add(
    _ changes: UnsafePointer<Int16>, to samples: UnsafeMutablePointer<UInt8>, count: Int
  ) -> Int {
    var (total, start) = (0, 0)
    // 2¹⁴ squares of 255 at most stay within 32 bits.
    while start < count {
      let end = min(count, start + 1 << 14)
      var sum: Int32 = 0
      for index in start..<end {
        let old = Int16(samples[index])
        let new = min(max(old &+ changes[index], 0), 255)
        samples[index] = UInt8(truncatingIfNeeded: new)
        let difference = Int32(new &- old)
        sum &+= difference &* difference
      }
      total += Int(sum)
      start = end
    }
    return total
  }
}
