internal import Labels
internal import MediaCore

/// Whether the watermark found and the metadata labels found speak of the same content.
enum WatermarkAgreement {
  /// The finding's code: metadata of one picture on another, or a mark carried over.
  static let code = "V-WMDIFF"

  /// `metadata` where a metadata label states the producer and ProduceID that the watermark's bits derive from; nil where
  /// there is no label to compare with, or where bits and label do not match.
  static func of(_ evidence: Evidence) -> String? {
    guard let shown = payload(in: evidence) else { return nil }
    return labels(in: evidence).contains { $0.isShown(as: shown) } ? AIGCMetadataLabel.id.rawValue : nil
  }

  /// The finding that watermark and label contradict one another.
  static func findings(on evidence: Evidence) -> [Finding] {
    guard let shown = payload(in: evidence) else { return [] }
    let labels = labels(in: evidence)
    guard !labels.isEmpty, !labels.contains(where: { $0.isShown(as: shown) }) else { return [] }
    // The 32 bits of short sound do not tell the producer.
    let producer = WatermarkPayload(hexadecimal: shown)?.producerBits
    let isSameProducer = labels.contains { $0.producerBits == producer }
    return [
      Finding(
        code, .error,
        "the watermark \(shown) does not derive from the metadata label's ContentProducer and ProduceID"
          + (isSameProducer ? " (the producer agrees, the content does not)" : "")
          + ": label and \(evidence.info?.kind == .audio ? "sound" : "picture") are from different contents, or the payload was given by hand"
      )
    ]
  }

  /// The digits of the mark found: 16, or in short sound 8.
  private static func payload(in evidence: Evidence) -> String? {
    evidence[WatermarkLabel.id].lazy.compactMap { $0["payload"] }.first
  }

  private static func labels(in evidence: Evidence) -> [WatermarkPayload] {
    evidence[AIGCMetadataLabel.id].filter(\.isLabelStatement).compactMap { label in
      guard let producer = label["ContentProducer"], let produceID = label["ProduceID"] else { return nil }
      return WatermarkPayload(producer: producer, produceID: produceID)
    }
  }
}
