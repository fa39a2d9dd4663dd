internal import Labels
internal import Ledger
internal import MediaCore

/// Looks one file's evidence up in a ledger.
struct LedgerLookup {
  let reader: LedgerReader
  let evidence: Evidence
  private let hashes: [PerceptualHash]

  init(_ reader: LedgerReader, _ evidence: Evidence) {
    self.reader = reader
    self.evidence = evidence
    hashes = evidence.fingerprints.flatMap(\.likelyHashes)
  }

  /// The records of the strongest kind of match, or of every kind, the nearest and then the last one first. `digest` makes
  /// the file's SHA-256, which is asked for only where nothing stronger led anywhere.
  func matches(
    ofEveryKind isThorough: Bool, digest: () throws(MediaError) -> String
  ) throws(MediaError) -> [LedgerMatch] {
    var result: [LedgerMatch] = []
    for kind in LedgerMatch.Kind.allCases {
      switch kind {
      case .payload:
        guard let payload = evidence.watermarkPayload else { continue }
        result += matches(kind, try reader.records(payload: payload))
      case .produceID:
        for id in evidence.produceIDs { result += matches(kind, try reader.records(produceID: id)) }
      case .sha256:
        let sum = try digest()
        result += matches(kind, try reader.records(sha256: sum), inputDigest: sum)
      case .perceptual:
        let near = try reader.nearDuplicates(of: hashes).map(\.record)
        let known = Set(result.map(\.record))
        result += matches(kind, near.filter { !known.contains($0) })
      }
      if !isThorough, !result.isEmpty { break }
    }
    return result
  }

  private func matches(
    _ kind: LedgerMatch.Kind, _ records: [LedgerRecord], inputDigest: String? = nil
  ) -> [LedgerMatch] {
    let found = records.enumerated().map { ($0.offset, $0.element, distance(to: $0.element)) }
    return found.sorted { ($0.2 ?? .max, $0.0) < ($1.2 ?? .max, $1.0) }.map { _, record, distance in
      LedgerMatch(
        kind: kind, record: record, distance: distance,
        isInput: inputDigest.map { $0 != record.outputDigest } ?? false, others: records.count - 1)
    }
  }

  private func distance(to record: LedgerRecord) -> Int? {
    guard let hash = record.perceptualHash else { return nil }
    return hashes.map { hash.distance(to: $0) }.min()
  }
}

extension Evidence {
  /// The ProduceIDs that metadata labels state, each once.
  fileprivate var produceIDs: [String] {
    var ids: [String] = []
    for label in self[AIGCMetadataLabel.id] where label.isLabelSite {
      if let id = label["ProduceID"], !id.isEmpty, !ids.contains(id) { ids.append(id) }
    }
    return ids
  }

  /// The watermark that was read, as reports write it.
  var watermarkPayload: String? { self[WatermarkLabel.id].lazy.compactMap { $0["payload"] }.first }
}

extension Verifier {
  /// Adds to `evidence` of the file `path` what the ledger knows, where there is one.
  func consultLedger(_ path: FilePath, _ evidence: inout Evidence) {
    guard ledger != nil else { return }
    do throws(MediaError) {
      evidence.ledger = try ledgerMatches(path, evidence, ofEveryKind: false).first
      if let match = evidence.ledger { evidence.findings += LedgerFindings.of(match, evidence) }
    } catch { evidence.ledgerFailure = error }
  }

  func ledgerMatches(
    _ path: FilePath, _ evidence: Evidence, ofEveryKind isThorough: Bool
  ) throws(MediaError) -> [LedgerMatch] {
    guard let ledger else { return [] }
    return try LedgerLookup(ledger, evidence).matches(ofEveryKind: isThorough) {
      () throws(MediaError) -> String in
      try FileDigest.sha256(try InputFile(path), scratch: scratch)
    }
  }
}
