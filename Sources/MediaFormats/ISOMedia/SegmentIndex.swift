internal import MediaCore

/// A segment index (ISO/IEC 14496-12, 8.16.3).
struct SegmentIndex {
  /// Units a second of the durations.
  let timescale: UInt32
  /// Offset in the file of the first byte that is referred to.
  let first: Int
  /// Offset in the file that all distances count from: the first byte behind the box.
  let anchor: Int
  /// Bytes and duration of each segment.
  let references: [(size: Int, duration: UInt32)]
  /// Where in the box the distance to the first segment stands, and in how many bytes.
  let firstField: (offset: Int, width: Int)
  /// Where in the box the first reference stands; each has twelve bytes, the first four of them a flag and its size.
  let referencesOffset: Int

  /// Nil for a box that does not hold what it says. `bytes` is the whole box, `offset` its place in the file.
  init?(_ bytes: [UInt8], at offset: Int, header: Int) {
    guard bytes.count >= header + 24 else { return nil }
    let isLong = bytes[header] == 1
    let width = isLong ? 8 : 4
    let start = header + 12 + 2 * width
    guard bytes.count >= start + 4 else { return nil }
    anchor = offset + bytes.count
    firstField = (header + 12 + width, width)
    guard let distance = Int(exactly: bytes.bigEndian(width, at: header + 12 + width)),
      !distance.addingReportingOverflow(anchor).overflow
    else { return nil }
    first = anchor + distance
    timescale = UInt32(truncatingIfNeeded: bytes.bigEndian(4, at: header + 8))
    let count = Int(bytes.bigEndian(2, at: start + 2))
    referencesOffset = start + 4
    guard bytes.count >= referencesOffset + 12 * count else { return nil }
    references = (0..<count).map { index in
      let place = start + 4 + 12 * index
      return (
        Int(bytes.bigEndian(4, at: place) & 0x7FFF_FFFF),
        UInt32(truncatingIfNeeded: bytes.bigEndian(4, at: place + 4))
      )
    }
  }
}

extension ISOStructure {
  /// Seconds of a fragmented film: from `mehd` (8.8.2), else from the first segment index, else from the fragments.
  func fragmentedDuration(in input: InputFile, limits: Limits) throws(MediaError) -> Double? {
    guard let mvhd = movie.child(BoxType("mvhd"), of: 0) else { return nil }
    if let mehd = movie.descendant("mvex/mehd", of: 0), let time = MediaTime(mvhd, of: movie), time.scale > 0
    {
      let start = movie.boxes[mehd].content.lowerBound
      let width = movie.number(1, at: start, in: mehd) == 1 ? 8 : 4
      if let duration = movie.number(width, at: start + 4, in: mehd), duration > 0 {
        return Double(duration) / Double(time.scale)
      }
    }
    guard let box = segmentIndex else {
      guard isFragmented, let fragments = try? MovieFragments(self, in: input, limits: limits) else {
        return nil
      }
      return fragments.seconds(in: movie)
    }
    guard box.range.upperBound <= input.size,
      let index = SegmentIndex(
        try input.whole(box, limits: limits), at: box.range.lowerBound,
        header: box.content - box.range.lowerBound),
      index.timescale > 0
    else { return nil }
    let units = index.references.reduce(0.0) { $0 + Double($1.duration) }
    return units > 0 ? units / Double(index.timescale) : nil
  }
}
