internal import MediaCore

/// Compares two frames of one size sample by sample.
enum FrameComparison {
  /// Rows compared at a time.
  private static let band = 64

  /// Throws `internalFault` when a sample outside of all `boxes` differs.
  static func requireEqual(
    _ before: any Frame, _ after: any Frame, outside boxes: [PixelRect]
  ) throws(MediaError) {
    let size = before.size
    guard size == after.size, before.orientation == after.orientation else {
      throw OutputCheck.fault("the picture is \(after.size) instead of \(size)")
    }
    for y in stride(from: 0, to: size.height, by: band) {
      let rect = PixelRect(x: 0, y: y, width: size.width, height: min(band, size.height - y))
      for piece in pieces(of: rect, without: boxes) {
        let a = try before.readRegion(piece)
        let b = try after.readRegion(piece)
        guard isSame(a, b, in: piece) else {
          throw OutputCheck.fault("samples in \(piece), outside the label's box, have changed")
        }
      }
    }
  }

  /// The parts of `rect` to the left, right, above and below the boxes.
  static func pieces(of rect: PixelRect, without boxes: [PixelRect]) -> [PixelRect] {
    var rest = [rect]
    for box in boxes {
      rest = rest.flatMap { piece -> [PixelRect] in
        let cut = piece.intersection(box)
        guard !cut.isEmpty else { return [piece] }
        return [
          PixelRect(x: piece.x, y: piece.y, width: piece.width, height: cut.y - piece.y),
          PixelRect(x: piece.x, y: cut.maxY, width: piece.width, height: piece.maxY - cut.maxY),
          PixelRect(x: piece.x, y: cut.y, width: cut.x - piece.x, height: cut.height),
          PixelRect(x: cut.maxX, y: cut.y, width: piece.maxX - cut.maxX, height: cut.height),
        ].filter { !$0.isEmpty }
      }
    }
    return rest
  }

  /// Whether the samples that lie wholly in `rect` are equal; a frame may hand out more than asked for, and a
  /// palette that was widened has other planes that show the same.
  private static func isSame(_ a: Region, _ b: Region, in rect: PixelRect) -> Bool {
    guard a.rect == b.rect, a.model == b.model, a.planes.count == b.planes.count else { return false }
    for (p, q) in zip(a.planes, b.planes) where !isSame(p, q, of: a.rect, in: rect) { return false }
    switch (a.alpha, b.alpha) {
    case (nil, nil): return true
    case (let p?, nil): return p.samples.allSatisfy { $0 == p.maxValue }
    case (nil, let q?): return q.samples.allSatisfy { $0 == q.maxValue }
    case (let p?, let q?): return isSame(p, q, of: a.rect, in: rect)
    }
  }

  private static func isSame(_ p: SamplePlane, _ q: SamplePlane, of whole: PixelRect, in rect: PixelRect)
    -> Bool
  {
    guard p.width == q.width, p.height == q.height else { return false }
    // Depths may differ where a key colour made the picture deeper: compare as fractions.
    let (pScale, qScale) = (UInt32(q.maxValue), UInt32(p.maxValue))
    let columns = span(rect.x - whole.x, rect.width, p.horizontalSubsampling, p.width)
    let rows = span(rect.y - whole.y, rect.height, p.verticalSubsampling, p.height)
    for row in rows {
      for index in (row * p.width + columns.lowerBound)..<(row * p.width + columns.upperBound)
      where UInt32(p.samples[index]) * pScale != UInt32(q.samples[index]) * qScale {
        return false
      }
    }
    return true
  }

  /// Samples whose whole footprint is inside.
  private static func span(_ start: Int, _ length: Int, _ subsampling: Int, _ count: Int) -> Range<Int> {
    let first = (start + subsampling - 1) / subsampling
    let last = min(count, (start + length) / subsampling)
    return first..<max(first, last)
  }
}
