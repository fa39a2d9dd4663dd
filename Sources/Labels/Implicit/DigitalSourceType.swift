internal import MediaCore

/// The terms of the IPTC vocabulary `digitalsourcetype` that have to do with generation, as of its 2024 Q3 release.
enum DigitalSourceType: String, CaseIterable {
  /// Made by a model trained on sampled content.
  case trainedAlgorithmicMedia
  /// Edited with such a model: inpainting, outpainting.
  case compositeWithTrainedAlgorithmicMedia
  /// Put together of parts, at least one of them generated.
  case compositeSynthetic
  /// Made by an algorithm that was not trained: procedural art.
  case algorithmicMedia
  /// A recording of a virtual event, generated or captured.
  case virtualRecording

  /// What every term's URI begins with.
  static let scheme = "http://cv.iptc.org/newscodes/digitalsourcetype/"

  /// The URI that is written.
  var uri: String { Self.scheme + rawValue }

  /// How surely a file with this term is generated. The last two also stand for what no model had a part in.
  var confidence: Double {
    switch self {
    case .trainedAlgorithmicMedia, .compositeWithTrainedAlgorithmicMedia, .compositeSynthetic: 1
    case .algorithmicMedia: 0.8
    case .virtualRecording: 0.6
    }
  }

  /// The term of a URI (`http` or `https`, with or without a slash at the end), of a QCode (`digsrctype:…`) or of the
  /// bare word; nil for terms without generation and for anything else.
  init?(reading value: String) {
    if let term = Self(rawValue: value) {
      self = term
      return
    }
    var text = Substring(value)
    while let last = text.last, last == "/" || last.isWhitespace { text.removeLast() }
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    let word = text.drop(upToLastOf: ["/", ":", "#"])
    let lead = text.dropLast(word.count).lowercased()
    guard lead.isEmpty || lead == "digsrctype:" || lead.hasSuffix("digitalsourcetype/") else { return nil }
    guard let term = Self.allCases.first(where: { $0.rawValue.lowercased() == word.lowercased() }) else {
      return nil
    }
    self = term
  }
}

extension Substring {
  /// What follows the last of `separators`; all of it when none occurs.
  fileprivate func drop(upToLastOf separators: Set<Character>) -> Substring {
    lastIndex { separators.contains($0) }.map { self[index(after: $0)...] } ?? self
  }
}
