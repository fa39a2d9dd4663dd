internal import Labels
internal import Ledger
internal import MediaCore

/// Where a file contradicts the record that it leads to.
enum LedgerFindings {
  /// The findings' code: fields c to f of annex E differ from what was written, a label is gone, or the picture is another.
  static let code = "V-DIFF"
  /// The members of the AIGC field that nobody but the producer may write (annex E c to f).
  private static let own = ["Label", "ContentProducer", "ProduceID", "ReservedCode1"]

  static func of(_ match: LedgerMatch, _ evidence: Evidence) -> [Finding] {
    [metadata(match, evidence), watermark(match, evidence), picture(match, evidence)].compactMap { $0 }
  }

  private static func metadata(_ match: LedgerMatch, _ evidence: Evidence) -> Finding? {
    // The original from before it was labelled lacks nothing.
    guard !match.isInput, evidence.searched.contains(AIGCMetadataLabel.id),
      match.record.layers.contains(AIGCMetadataLabel.id)
    else { return nil }
    guard let site = evidence[AIGCMetadataLabel.id].first(where: \.isLabelSite) else {
      // What only looks alike may be another picture that never had one.
      let isSure = match.kind != .perceptual
      return Finding(
        code, isSure ? .error : .warning,
        (isSure ? "the metadata label" : "if this is the picture it looks like, the metadata label")
          + " that was written under ProduceID \(match.record.produceID) is gone (Labelling Measures, Article 10)"
      )
    }
    if match.kind == .perceptual {
      return Finding(
        code, .warning,
        "the metadata label states ProduceID \(site["ProduceID"] ?? ""), which is not on record, but the picture looks like"
          + " that of \(match.record.produceID): it may have been labelled anew by another")
    }
    guard let written = try? JSONValue(parsing: Array(match.record.metadata.utf8)) else { return nil }
    let changed = own.filter { name in written[name]?.string.map { $0 != site[name] ?? "" } ?? false }
    guard !changed.isEmpty else { return nil }
    let values = changed.map { "\($0) is '\(site[$0] ?? "")', written was '\(written[$0]?.string ?? "")'" }
    return Finding(
      code, .error,
      "the metadata label differs from the ledger's record of this \(match.kind.rawValue): "
        + values.joined(separator: "; "))
  }

  private static func watermark(_ match: LedgerMatch, _ evidence: Evidence) -> Finding? {
    // By its payload it would have led to the record.
    guard match.kind != .payload, !match.isInput, let read = evidence.watermarkPayload else { return nil }
    let recorded = match.record.payload.isEmpty ? "none" : match.record.payload
    return Finding(
      code, match.kind == .perceptual ? .warning : .error,
      "the watermark \(read) is not on record; recorded for ProduceID \(match.record.produceID) is \(recorded)"
    )
  }

  private static func picture(_ match: LedgerMatch, _ evidence: Evidence) -> Finding? {
    guard match.kind == .payload || match.kind == .produceID, let distance = match.distance,
      distance >= LedgerMatch.far
    else { return nil }
    // A picture of the very size that was labelled was hardly cut; a cut or bent one looks unlike itself and is no proof.
    let isWhole = evidence.info?.size == match.record.size
    let label = match.kind == .payload ? WatermarkLabel.id : AIGCMetadataLabel.id
    return Finding(
      code, isWhole ? .error : .warning,
      "the picture is unlike the one that this \(label) was made for (\(distance) of \(PerceptualHash.bitCount) bits"
        + " of the perceptual hash differ): "
        + "the label was carried over, or the picture was \(isWhole ? "painted over" : "cut, bent or painted over") since"
    )
  }
}
