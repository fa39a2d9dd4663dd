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

  /// The distance up to which `nearDuplicates` finds every record, in bits.
  public static let radius = NearDuplicates.radius
  /// The distance beyond which pictures are not taken for alike. Between `radius` and here a record is found where some 16
  /// bits of its hash differ in one at most, as they mostly do.
  public static let farthest = 60
  /// Records of one key that are looked at: a ledger that holds one picture thousands of times answers all the same.
  private static let mostOfKey: Int64 = 4096
  /// Records returned for one question.
  private static let most: Int64 = 64

  private let database: Database

  /// Opens the ledger `path`, and changes nothing in it. Throws `io`, `malformed` for what is no SQLite database,
  /// `invalidArgument` for one that is no ledger.
  public init(_ path: FilePath) throws(MediaError) { database = try Schema.openToRead(path) }

  /// Records with this ProduceID, the last one first.
  public func records(produceID: String) throws(MediaError) -> [LedgerRecord] {
    try records(where: "produce_id = ?1", Array(produceID.utf8))
  }

  /// Records with this watermark as reports write it, the last one first.
  public func records(payload: String) throws(MediaError) -> [LedgerRecord] {
    try records(where: "payload = ?1", Array(payload.utf8))
  }

  /// Records whose output has this SHA-256, then those whose input has it.
  public func records(sha256: String) throws(MediaError) -> [LedgerRecord] {
    let digest = Array(sha256.lowercased().utf8)
    return try records(where: "output_sha256 = ?1", digest) + records(where: "input_sha256 = ?1", digest)
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
    var best: [Int64: Int] = [:]
    let band = try database.statement(
      "SELECT b.record, r.perceptual_hash FROM bands b JOIN records r ON r.id = b.record WHERE b.key = ?1 LIMIT ?2"
    )
    for hash in hashes {
      for key in NearDuplicates.neighbours(of: hash) {
        try band.bind(1, key)
        try band.bind(2, Self.mostOfKey)
        while try band.step() {
          guard let other = band.bytes(1).flatMap({ PerceptualHash(bytes: $0) }) else { continue }
          let found = hash.distance(to: other)
          guard found <= distance else { continue }
          best[band.integer(0)] = min(found, best[band.integer(0)] ?? .max)
        }
        band.reset()
      }
    }
    var result: [NearDuplicate] = []
    for (row, distance) in best.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }).prefix(Int(Self.most))
    {
      result += try records(row: row).map { NearDuplicate(record: $0, distance: distance) }
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

  private func records(where condition: String, _ value: [UInt8]) throws(MediaError) -> [LedgerRecord] {
    let statement = try database.statement(
      "SELECT id, \(RecordRow.columns) FROM records WHERE \(condition) ORDER BY time DESC, id DESC LIMIT \(Self.most)"
    )
    try statement.bind(1, text: value)
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
