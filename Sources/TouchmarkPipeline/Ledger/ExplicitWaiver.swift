internal import Labels
internal import MediaCore

/// Labelling Measures, Article 9: on a user's request content may be supplied without an explicit label, where the agreement
/// with that user settles their duty to label and their liability, and a record of whom it went to is kept for at least six
/// months.
public struct ExplicitWaiver: Sendable, Hashable {
  /// Who asked for it and receives the files.
  public let recipient: String
  /// Where the agreement is to be found: its number, or a link.
  public let agreement: String

  /// Bytes of either at most.
  private static let longest = 1024

  /// A user's request on record.
  public init(recipient: String, agreement: String) {
    self.recipient = recipient
    self.agreement = agreement
  }

  /// Throws `invalidArgument` where the record cannot be kept, where it would say nothing, and where the labels contradict it.
  func check(_ configuration: LabelConfiguration) throws(MediaError) {
    for (name, text) in [("recipient", recipient), ("agreement", agreement)] {
      guard text.contains(where: { !$0.isWhitespace }), text.utf8.count <= Self.longest else {
        throw problem("a \(name) of 1 to \(Self.longest) bytes")
      }
    }
    // A dry run records nothing, for it writes nothing.
    guard configuration.ledger != nil || configuration.isDryRun else {
      throw problem("a ledger to record it in")
    }
    guard !configuration.layers.contains(ExplicitTextLabel.id) else {
      throw problem("layers without '\(ExplicitTextLabel.id)'")
    }
    guard configuration.layers.contains(AIGCMetadataLabel.id) else {
      throw problem("the layer '\(AIGCMetadataLabel.id)', which stays due (Article 5)")
    }
  }

  private func problem(_ what: String) -> MediaError {
    MediaError(
      .invalidArgument, .label,
      "leaving out the explicit label on a user's request (Labelling Measures, Article 9) takes \(what)")
  }
}
