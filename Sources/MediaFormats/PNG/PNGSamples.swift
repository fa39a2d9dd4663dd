/// Samples of a scanline in their stored form (PNG 7.2): packed below a byte, highest bits first; big-endian at 16
/// bits.
enum PNGSamples {
  /// Reads `count` samples from sample `first` of `row` into every `step`-th place group of `target`: `group`
  /// samples belong together, groups are `step` places apart.
  static func unpack(
    _ row: UnsafePointer<UInt8>, depth: Int, group: Int, groups: Range<Int>,
    into target: UnsafeMutablePointer<UInt16>, step: Int
  ) {
    let mask = (1 << min(depth, 8)) - 1
    for (place, index) in groups.enumerated() {
      for channel in 0..<group {
        let sample = index &* group &+ channel
        let value: UInt16
        switch depth {
        case 8: value = UInt16(row[sample])
        case 16: value = UInt16(row[2 &* sample]) << 8 | UInt16(row[2 &* sample &+ 1])
        default:
          let bit = sample &* depth
          value = UInt16(truncatingIfNeeded: Int(row[bit >> 3]) >> (8 &- depth &- (bit & 7)) & mask)
        }
        target[place &* step &+ channel] = value
      }
    }
  }

  /// The inverse of `unpack`; other bits of shared bytes stay.
  static func pack(
    _ source: UnsafePointer<UInt16>, step: Int, depth: Int, group: Int, groups: Range<Int>,
    into row: UnsafeMutablePointer<UInt8>
  ) {
    let mask = (1 << min(depth, 8)) - 1
    for (place, index) in groups.enumerated() {
      for channel in 0..<group {
        let sample = index &* group &+ channel
        let value = source[place &* step &+ channel]
        switch depth {
        case 8: row[sample] = UInt8(truncatingIfNeeded: value)
        case 16:
          row[2 &* sample] = UInt8(truncatingIfNeeded: value >> 8)
          row[2 &* sample &+ 1] = UInt8(truncatingIfNeeded: value)
        default:
          let bit = sample &* depth
          let shift = 8 &- depth &- (bit & 7)
          let kept = Int(row[bit >> 3]) & ~(mask << shift)
          row[bit >> 3] = UInt8(truncatingIfNeeded: kept | (Int(value) & mask) << shift)
        }
      }
    }
  }
}

extension PNGRaster {
  /// The stored samples of the pixels `columns` of picture row `y`, channels together, from all passes that
  /// hold some of them.
  func readLine(_ y: Int, _ columns: Range<Int>, into line: UnsafeMutablePointer<UInt16>) {
    forEachPart(of: y, columns) { pass, row, groups, target, step in
      unfilter(row..<row + 1, of: pass)
      PNGSamples.unpack(
        UnsafePointer(self.row(row, of: pass)), depth: header.depth, group: header.colorType.channels,
        groups: groups, into: line + target, step: step)
    }
  }

  /// Puts the stored samples of the pixels `columns` of picture row `y` back; only passes with a pixel in `edited`
  /// are touched.
  func writeLine(
    _ y: Int, _ columns: Range<Int>, edited: Range<Int>, from line: UnsafePointer<UInt16>
  ) {
    forEachPart(of: y, columns) { pass, row, groups, source, step in
      guard !passes[pass].columns(in: edited).isEmpty else { return }
      willChange(row..<row + 1, of: pass)
      PNGSamples.pack(
        line + source, step: step, depth: header.depth, group: header.colorType.channels, groups: groups,
        into: self.row(row, of: pass))
    }
  }

  private func forEachPart(
    of y: Int, _ columns: Range<Int>, _ body: (Int, Int, Range<Int>, Int, Int) -> Void
  ) {
    let channels = header.colorType.channels
    for (index, pass) in passes.enumerated() {
      guard let row = pass.row(holding: y) else { continue }
      let groups = pass.columns(in: columns)
      guard let first = groups.first else { continue }
      let target = (pass.x + first * pass.stepX - columns.lowerBound) * channels
      body(index, row, groups, target, pass.stepX * channels)
    }
  }
}
