public import MediaCore

/// Looks records up. Owned by one worker; reads what runs write meanwhile.
public final class LedgerReader {
  /// A record that looks like a picture.
  public struct NearDuplicate: Sendable {
    /// The record.
    public let record: LedgerRecord
    /// Bits of 256 in which the hashes differ.
    public let distance: Int
  }

  /// The distance in bits beyond which pictures are not taken for alike; up to here every record is found.
  public static let farthest = 60
  /// Records returned for one question.
  private static let most = 64

  private let database: Database
  // Whether the file has the tables of the version before; a run that writes to it meanwhile leaves what was asked then as it is.
  private let isOld: Bool

  /// Opens the ledger `path`, and changes nothing in it. Throws `io`, `malformed` for what is no SQLite database,
  /// `invalidArgument` for one that is no ledger.
  public init(_ path: FilePath) throws(MediaError) {
    database = try Schema.openToRead(path)
    isOld = try Schema.isOld(database)
  }

  /// Records with this ProduceID, the last one first.
  public func records(produceID: String) throws(MediaError) -> [LedgerRecord] {
    try parts { part throws(MediaError) in try records(of: part, "produce_id", Array(produceID.utf8)) }
  }

  /// Records with this watermark as reports write it, the last one first.
  public func records(payload: String) throws(MediaError) -> [LedgerRecord] {
    try parts { part throws(MediaError) in try records(of: part, "payload", Array(payload.utf8)) }
  }

  /// Records whose output has this SHA-256, then those whose input has it.
  public func records(sha256: String) throws(MediaError) -> [LedgerRecord] {
    let digest = sha256.lowercased()
    let outputs = try records(digest: digest, "output_sha256", of: nil)
    return try outputs
      + parts { part throws(MediaError) in try records(digest: digest, "input_sha256", of: part) }
  }

  /// Records whose output, or input, had this absolute path, the last one first.
  public func records(path: FilePath) throws(MediaError) -> [LedgerRecord] {
    try records(where: "output_path = ?1", path.bytes) + records(where: "input_path = ?1", path.bytes)
  }

  /// Whether an output that was put at `path` at `time` or later is on record.
  public func holds(output path: FilePath, from time: Timestamp) throws(MediaError) -> Bool {
    try records(where: "output_path = ?1 AND state = 'current'", path.bytes).contains { $0.time >= time }
  }

  /// Records whose picture looks like any of `hashes`, the nearest first; none farther than `distance`.
  public func nearDuplicates(
    of hashes: [PerceptualHash], within distance: Int = farthest
  ) throws(MediaError) -> [NearDuplicate] {
    let all = try database.statement(
      isOld
        ? "SELECT id, perceptual_hash FROM records WHERE perceptual_hash IS NOT NULL"
        : "SELECT record, hash FROM hashes")
    defer { all.reset() }
    // Nearest first, and at most so many: a ledger may hold one picture any number of times.
    var best: [(distance: Int, row: Int64)] = []
    while try all.step() {
      guard let hash = all.hash(1) else { continue }
      let found = hash.distance(toNearestOf: hashes)
      guard found <= distance else { continue }
      let entry = (found, all.integer(0))
      let place = best.firstIndex { entry < $0 } ?? best.count
      if place < Self.most { best.insert(entry, at: place) }
      if best.count > Self.most { best.removeLast() }
    }
    var result: [NearDuplicate] = []
    for entry in best {
      result += try records(row: entry.row).map { NearDuplicate(record: $0, distance: entry.distance) }
    }
    return result
  }

  /// Calls `body` with the records of `since ..< until`, the oldest first.
  public func forEach(
    since: Timestamp?, until: Timestamp?, _ body: (LedgerRecord) throws(MediaError) -> Void
  ) throws(MediaError) {
    let statement = try database.statement(
      "SELECT id, \(RecordRow.columns) FROM records WHERE time >= ?1 AND time < ?2 ORDER BY time, id")
    try statement.bind(1, since?.milliseconds ?? .min)
    try statement.bind(2, until?.milliseconds ?? .max)
    defer { statement.reset() }
    while try statement.step() { try body(RecordRow.read(statement)) }
  }

  /// What `look` finds in the parts of an index, the last one first, until there is enough. An old file has one part, nil.
  private func parts(_ look: (Int64?) throws(MediaError) -> [LedgerRecord]) throws(MediaError)
    -> [LedgerRecord]
  {
    guard !isOld else { return try look(nil) }
    var found: [LedgerRecord] = []
    let last = try database.statement("SELECT max(id) FROM records WHERE id <= ?1")
    // Only parts that hold something: numbers of rows may have gaps of any size in a file that comes from anyone.
    var end = Int64.max
    while found.count < Self.most {
      try last.bind(1, end)
      let row = try last.step() ? last.integer(0) : 0
      last.reset()
      guard row > 0 else { break }
      let part = row >> Schema.partBits
      found += try look(part)
      end = (part << Schema.partBits) - 1
    }
    return Array(found.prefix(Self.most))
  }

  private func records(of part: Int64?, _ column: String, _ value: [UInt8]) throws(MediaError)
    -> [LedgerRecord]
  {
    try records(where: "\(Self.condition(part)) \(column) = ?1", value, part: part)
  }

  private func records(digest: String, _ column: String, of part: Int64?) throws(MediaError) -> [LedgerRecord]
  {
    // Of an old file whole sums are indexed.
    let condition = isOld ? "\(column) = ?1" : RecordRow.digest(column, head: "?3", whole: "?1")
    return try records(
      where: "\(Self.condition(part)) \(condition)", Array(digest.utf8), part: part,
      head: isOld ? nil : String(digest.prefix(Schema.headDigits)))
  }

  private static func condition(_ part: Int64?) -> String {
    part == nil ? "" : "id >> \(Schema.partBits) = ?2 AND"
  }

  private func records(
    where condition: String, _ value: [UInt8], part: Int64? = nil, head: String? = nil
  ) throws(MediaError) -> [LedgerRecord] {
    let statement = try database.statement(
      "SELECT id, \(RecordRow.columns) FROM records WHERE \(condition) ORDER BY time DESC, id DESC LIMIT \(Self.most)"
    )
    try statement.bind(1, text: value)
    if let part { try statement.bind(2, part) }
    if let head { try statement.bind(3, head) }
    return try records(of: statement)
  }

  private func records(row: Int64) throws(MediaError) -> [LedgerRecord] {
    let statement = try database.statement("SELECT id, \(RecordRow.columns) FROM records WHERE id = ?1")
    try statement.bind(1, row)
    return try records(of: statement)
  }

  private func records(of statement: Statement) throws(MediaError) -> [LedgerRecord] {
    var result: [LedgerRecord] = []
    while try statement.step() { result.append(RecordRow.read(statement)) }
    statement.reset()
    return result
  }
}
