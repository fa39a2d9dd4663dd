internal import MediaCore

/// What a frame held before it was marked, to be put back where the mark turns out not to be read.
final class FrameBackup {
  private var regions: [Region] = []
  // Of each row of blocks of luma, the first coefficients of each, as many as are marked.
  private var rows: [[Int16]] = []
  private var width = 64
  private var samples: [UInt8] = []

  /// Keeps `region`, as it was read.
  func keep(_ region: Region) { regions.append(region) }

  /// Keeps the first `width` coefficients, a multiple of eight and always as many, of the next row of `columns` blocks of luma.
  func keep(_ blocks: UnsafePointer<Int16>, columns: Int, width: Int) {
    self.width = width
    let row = [Int16](unsafeUninitializedCapacity: columns * width) { row, count in
      let (from, to) = (UnsafeRawPointer(blocks), UnsafeMutableRawBufferPointer(row))
      for column in 0..<columns {
        for line in 0..<width / 8 {
          to.storeBytes(
            of: from.loadUnaligned(fromByteOffset: 128 &* column &+ 16 &* line, as: SIMD8<Int16>.self),
            toByteOffset: 2 &* width &* column &+ 16 &* line, as: SIMD8<Int16>.self)
        }
      }
      count = columns * width
    }
    rows.append(row)
  }

  /// Keeps the samples of the next packed row.
  func keep(_ row: UnsafePointer<UInt8>, count: Int) {
    samples += UnsafeBufferPointer(start: row, count: count)
  }

  /// Puts back what was kept.
  func restore(_ frame: any Frame) throws(MediaError) {
    try restorePacked(frame)
    for region in regions { try frame.writeRegion(region) }
    guard let frame = frame as? any CoefficientFrame else { return }
    for (row, kept) in rows.enumerated() {
      let blocks = try frame.lumaBlocks(row: row)
      var edited = [UInt8](repeating: 0, count: kept.count / width)
      for index in kept.indices {
        let place = index / width * 64 + index % width
        guard blocks[place] != kept[index] else { continue }
        blocks[place] = kept[index]
        edited[index / width] = 1
      }
      frame.noteLumaEdits(row: row, edited)
    }
  }

  private func restorePacked(_ frame: any Frame) throws(MediaError) {
    guard !samples.isEmpty, let frame = frame as? any PackedFrame else { return }
    let count = samples.count / frame.size.height
    for y in 0..<frame.size.height {
      try frame.editPackedRow(y) { row in
        samples.withUnsafeBufferPointer { samples in
          if let base = samples.baseAddress { row.update(from: base + y * count, count: count) }
        }
      }
    }
  }
}
