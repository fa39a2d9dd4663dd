/// Samples of a scanline in their stored form (PNG 7.2): packed below a byte, highest bits first; big-endian at 16
/// bits.
enum PNGSamples {
  /// Reads the samples of the pixels `groups` of `row`, `group` of each, into `target`, where pixels are `step` places apart.
  static func unpack(
    _ row: UnsafePointer<UInt8>, depth: Int, group: Int, groups: Range<Int>,
    into target: UnsafeMutablePointer<UInt16>, step: Int
  ) {
    let first = groups.lowerBound &* group
    switch depth {
    case 8:
      forEach(groups.count, group, step) { sample, place in target[place] = UInt16(row[first &+ sample]) }
    case 16:
      forEach(groups.count, group, step) { sample, place in
        let byte = 2 &* (first &+ sample)
        target[place] = UInt16(row[byte]) << 8 | UInt16(row[byte &+ 1])
      }
    default:
      let mask = UInt8(truncatingIfNeeded: (1 << depth) - 1)
      forEach(groups.count, group, step) { sample, place in
        let bit = (first &+ sample) &* depth
        target[place] = UInt16(row[bit &>> 3] &>> UInt8(truncatingIfNeeded: 8 &- depth &- (bit & 7)) & mask)
      }
    }
  }

  /// The inverse of `unpack`; other bits of shared bytes stay.
  static func pack(
    _ source: UnsafePointer<UInt16>, step: Int, depth: Int, group: Int, groups: Range<Int>,
    into row: UnsafeMutablePointer<UInt8>
  ) {
    let first = groups.lowerBound &* group
    switch depth {
    case 8:
      forEach(groups.count, group, step) { sample, place in
        row[first &+ sample] = UInt8(truncatingIfNeeded: source[place])
      }
    case 16:
      forEach(groups.count, group, step) { sample, place in
        let byte = 2 &* (first &+ sample)
        row[byte] = UInt8(truncatingIfNeeded: source[place] &>> 8)
        row[byte &+ 1] = UInt8(truncatingIfNeeded: source[place])
      }
    default:
      let mask = UInt8(truncatingIfNeeded: (1 << depth) - 1)
      forEach(groups.count, group, step) { sample, place in
        let bit = (first &+ sample) &* depth
        let shift = UInt8(truncatingIfNeeded: 8 &- depth &- (bit & 7))
        let value = UInt8(truncatingIfNeeded: source[place]) & mask
        row[bit &>> 3] = row[bit &>> 3] & ~(mask &<< shift) | value &<< shift
      }
    }
  }

  /// Calls `body` with each of the samples of `count` pixels, `group` a pixel, and its place where pixels are `step` apart: a loop of its
  /// own where they lie close together.
  @inline(__always)
  private static func forEach(
    _ count: Int, _ group: Int, _ step: Int, _ body: (_ sample: Int, _ place: Int) -> Void
  ) {
    guard step != group else {
      for sample in 0..<count &* group { body(sample, sample) }
      return
    }
    for pixel in 0..<count {
      for channel in 0..<group { body(pixel &* group &+ channel, pixel &* step &+ channel) }
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

  /// Calls `body` for each pass that holds some of the pixels `columns` of picture row `y`: with its index, its row, the columns there, and,
  /// in samples of a line of these pixels, the place of the first and the step to the next.
  func forEachPart(
    of y: Int, _ columns: Range<Int>,
    _ body: (_ pass: Int, _ row: Int, _ groups: Range<Int>, _ place: Int, _ step: Int) -> Void
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
