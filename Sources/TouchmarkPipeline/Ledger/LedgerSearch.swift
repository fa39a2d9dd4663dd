internal import Labels
public import Ledger
public import MediaCore

/// Searches a ledger for people: by a number, or by all that is in a file.
public struct LedgerSearch {
  /// What to look for.
  public enum Question: Sendable {
    case produceID(String)
    /// 16 hexadecimal digits.
    case payload(String)
    /// 64 hexadecimal digits.
    case sha256(String)
    /// As written, or as it is from the present folder.
    case path(FilePath)
  }

  private let reader: LedgerReader
  private let verifier: Verifier

  /// Opens the ledger `path`; `keys` are those of watermarks to look for in files. Throws what `LedgerReader` throws.
  public init(_ path: FilePath, keys: [WatermarkKey]) throws(MediaError) {
    reader = try LedgerReader(path)
    var configuration = VerifyConfiguration(keys: keys)
    configuration.ledger = path
    verifier = try Verifier(configuration)
  }

  /// The records, the last one first. Throws `invalidArgument` for digits that are none.
  public func records(_ question: Question) throws(MediaError) -> [JSONValue] {
    let found: [LedgerRecord]
    switch question {
    case .produceID(let id): found = try reader.records(produceID: id)
    case .payload(let digits):
      guard [8, 16].contains(digits.utf8.count), digits.allSatisfy(\.isHexDigit) else {
        throw MediaError(
          .invalidArgument, .verify,
          "'\(digits)' is not a payload of 16 hexadecimal digits, or 8 in short sound")
      }
      found = try reader.records(payload: digits.lowercased())
    case .sha256(let digits):
      guard digits.utf8.count == 64, digits.allSatisfy(\.isHexDigit) else {
        throw MediaError(.invalidArgument, .verify, "'\(digits)' is not a sum of 64 hexadecimal digits")
      }
      found = try reader.records(sha256: digits)
    case .path(let path): found = try reader.records(path: path.absolute)
    }
    return found.map(\.json)
  }

  /// The records that the file `path` leads to in any way, and how, the strongest way first. Throws `io` for one that cannot
  /// be opened; one that cannot be decoded is looked up by what could be read.
  public func matches(_ path: FilePath) throws(MediaError) -> [JSONValue] {
    _ = try InputFile(path)
    let evidence = verifier.evidence(in: path)
    return try verifier.ledgerMatches(path, evidence, ofEveryKind: true).map { match in
      guard case .object(let members) = match.json else { return match.json }
      return .object([("file", .string(path.description))] + members)
    }
  }
}

extension Timestamp {
  /// The present moment.
  public static var now: Timestamp { Timestamp(milliseconds: Machine.now / 1_000_000) }
}
