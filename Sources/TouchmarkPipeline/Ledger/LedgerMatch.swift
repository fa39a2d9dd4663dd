public import Ledger
public import MediaCore

/// A record that a file leads to. That the file is the record's own, or as it was, is not said by it: findings do.
public struct LedgerMatch: Sendable {
  /// What led there, the strongest first.
  public enum Kind: String, Sendable, CaseIterable {
    /// The watermark's bits.
    case payload
    /// The metadata label's ProduceID.
    case produceID
    /// The file's bytes are those of the record's output, or of its input.
    case sha256
    /// The picture looks like the record's, and that is all.
    case perceptual
  }

  /// What led there.
  public let kind: Kind
  /// The record.
  public let record: LedgerRecord
  /// Bits of 256 in which the perceptual hashes differ, as it is, or turned, or as it may have been before a
  /// little of it was cut; nil where one of the two has none.
  public let distance: Int?
  /// Whether the file is the one that was labelled rather than what came of it.
  public let isInput: Bool
  /// How many other records it leads to in the same way.
  public let others: Int

  /// The distance from which on two pictures are taken for different ones. The next that unlike pictures come is in the guide
  /// "The ledger".
  static let far = 90

  /// Members of a report's `ledger`.
  public var json: JSONValue {
    var members: [(String, JSONValue)] = [("found", true), ("match", .string(kind.rawValue))]
    if let distance { members.append(("distance", .int(distance))) }
    if isInput { members.append(("of", "input")) }
    if others > 0 { members.append(("others", .int(others))) }
    if case .object(let record) = record.json { members += record }
    return .object(members)
  }
}
