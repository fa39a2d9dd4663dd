internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Blind search for the image watermark of any of several keys.
final class ImageWatermarkDetector: FrameDetector {
  private let keys: [WatermarkKey]
  private let search: WatermarkSearch
  private let aligned: AlignedReader
  private var outcome = WatermarkSearch.Outcome()
  private var scale = 1.0

  init(_ keys: [WatermarkKey], _ search: WatermarkSearch) {
    self.keys = keys
    self.search = search
    aligned = AlignedReader(search.codes)
  }

  func observe(_ frame: any Frame) throws(MediaError) {
    guard frame.size.shortestSide >= WorkingPlane.shortestSide else { return }
    scale = 1
    try readInPlace(frame)
    if outcome.finding != nil { return }
    guard let plane = try WorkingPlane(frame) else { return }
    scale = plane.scale
    let luma = SearchPyramid(plane.luma)
    let map = search.search(luma, of: frame.size, scale: plane.scale, into: &outcome)
    if outcome.finding != nil { return }
    if let remnant = try RemnantPixels(frame) {
      scale = 1
      search.read(remnant, of: frame.size, into: &outcome)
      if outcome.finding != nil { return }
    }
    guard let blue = try WorkingPlane(bluenessOf: frame) else { return }
    scale = blue.scale
    let blueness = SearchPyramid(blue.luma)
    search.search(
      blueness: blueness, of: frame.size, scale: blue.scale,
      nearby: map.map(CellWidths(frame.size).nearbyInBlue) ?? [],
      into: &outcome)
    if outcome.finding != nil { return }
    scale = plane.scale
    search.readInPlace(luma, blueness: blueness, of: frame.size, into: &outcome)
    if outcome.finding != nil { return }
    scale = blue.scale
    search.search(plane.luma, blueness: blue.luma, of: frame.size, scale: blue.scale, into: &outcome)
  }

  /// Reads what lies where it was drawn: as blocks are, which is quick, then evened out, which drawings need, then as they are once more
  /// if not so clear; textured pictures' cells last.
  private func readInPlace(_ frame: any Frame) throws(MediaError) {
    let folds = try BlockFolds(frame)
    aligned.read(folds, isQuick: true, into: &outcome)
    if outcome.finding != nil { return }
    aligned.read(try BlockFolds(frame, isEven: true), into: &outcome)
    if outcome.finding != nil { return }
    aligned.read(folds, into: &outcome)
    guard let textured = CellWidths(frame.size).ownTextured else { return }
    for isEven in [false, true] where outcome.finding == nil {
      aligned.read(try BlockFolds(frame, only: textured, isEven: isEven), into: &outcome)
    }
  }

  func finish() throws(MediaError) -> [Detection] {
    if let finding = outcome.finding {
      return [Self.detection(finding, key: keys[finding.key], scale: scale)]
    }
    return Self.presence(outcome.strongestSync, least: SyncThreshold.reported)
  }

  /// What to say of a mark that cannot be read but shows synchronisation; nothing below `least`.
  static func presence(_ sync: Float, least: Float) -> [Detection] {
    guard sync >= least else { return [] }
    let score = Int((sync * 10).rounded())
    return [
      Detection(
        label: WatermarkLabel.id, confidence: 0.5,
        fields: [.init("readable", "false"), .init("sync", number: Double(score) / 10, digits: 1)],
        findings: [
          Finding(
            "V-WMWEAK", .warning, "a watermark of this key is present but its message cannot be read")
        ],
        evidence: "synchronisation \(score / 10).\(score % 10) deviations above chance, no readable message")
    ]
  }

  /// What to say of a mark that was read in a plane of `scale` pixels for each of the picture.
  static func detection(_ finding: WatermarkSearch.Finding, key: WatermarkKey, scale: Double) -> Detection {
    let payload = WatermarkPayload(bits: finding.payload)
    let lattice = finding.lattice
    let side = lattice.area.squareRoot() / scale
    let rotation = atan2(lattice.ay, lattice.ax) * 180 / .pi
    return Detection(
      label: WatermarkLabel.id, confidence: 1,
      fields: [
        .init("payload", payload.description), .init("key", key.id),
        .init("log10p", number: finding.log10p, digits: 1),
        .init("statistic", number: finding.statistic, digits: 2),
        .init("cell", number: side / Double(TileCode.side), digits: 3),
        .init("rotation", number: rotation, digits: 2),
        .init("mirrored", finding.isMirrored ? "true" : "false"),
        .init("inverted", finding.isNegative ? "true" : "false"),
      ], evidence: "watermark \(payload), 10^\(Int(finding.log10p.rounded())) by chance at most")
  }
}
