internal import MediaCore

/// What a frame held before it was marked, to be put back where the mark turns out not to be read.
final class FrameBackup {
  /// Blocks of luma and of blueness.
  var luma = KeptBlocks(.luma)
  var blueness = KeptBlocks(.blueness)
  private var regions: [Region] = []
  private var samples: [UInt8] = []

  /// Keeps `region`, as it was read.
  func keep(_ region: Region) { regions.append(region) }

  /// Keeps the samples of the next packed row, of `rows`.
  func keep(_ row: UnsafePointer<UInt8>, count: Int, of rows: Int) {
    // Room that grows is copied each time.
    if samples.isEmpty { samples.reserveCapacity(rows * count) }
    samples += UnsafeBufferPointer(start: row, count: count)
  }

  /// Puts back what was kept.
  func restore(_ frame: any Frame) throws(MediaError) {
    try restorePacked(frame)
    for region in regions { try frame.writeRegion(region) }
    guard let frame = frame as? any CoefficientFrame else { return }
    try luma.restore(frame)
    try blueness.restore(frame)
  }

  private func restorePacked(_ frame: any Frame) throws(MediaError) {
    guard !samples.isEmpty, let frame = frame as? any PackedFrame else { return }
    let count = samples.count / frame.size.height
    try frame.editPackedRows(0..<frame.size.height) { y, row in
      samples.withUnsafeBufferPointer { samples in
        if let base = samples.baseAddress { row.update(from: base + y * count, count: count) }
      }
    }
  }
}
