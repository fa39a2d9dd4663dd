internal import MediaCore

/// Writes records, many to a transaction. Owned by the writer's thread.
struct BatchInserter {
  private let database: Database

  init(_ path: FilePath, _ durability: LedgerWriter.Durability) throws(MediaError) {
    database = try Schema.openToWrite(path)
    try database.execute("PRAGMA synchronous = \(durability == .full ? "FULL" : "NORMAL")")
    // 16 MiB of log before it is folded into the database.
    try database.execute("PRAGMA wal_autocheckpoint = 4096")
  }

  private static let insertion = """
    INSERT INTO records (\(RecordRow.columns)) VALUES (\((1...22).map { "?\($0)" }.joined(separator: ",")))
    """
  private static let known = """
    SELECT id FROM records WHERE \(RecordRow.digest("output_sha256", head: "?1", whole: "?2"))
    AND recipient = ?3 AND agreement = ?4
    """
  private static let confirmation = "UPDATE records SET state = 'current', output_path = ?1 WHERE id = ?2"
  private static let replacement = """
    UPDATE records SET state = 'replaced' WHERE output_path = ?1 AND output_sha256 <> ?2 AND state = 'current'
    """

  /// Inserts `records` in one transaction; all or none. One whose output, recipient and agreement are known already adds
  /// no row; one whose output path had another output before marks that `replaced`.
  func insert(_ records: [LedgerRecord]) throws(MediaError) {
    try database.transaction { () throws(MediaError) -> Void in
      for record in records {
        try supersede(record)
        if let row = try row(of: record) {
          try confirm(record, row)
          continue
        }
        let insert = try database.statement(Self.insertion)
        try RecordRow.bind(record, to: insert)
        try insert.run()
        guard let hash = record.perceptualHash else { continue }
        let look = try database.statement("INSERT INTO hashes (record, hash) VALUES (?1, ?2)")
        try look.bind(1, database.lastRow)
        try look.bind(2, blob: hash.bytes)
        try look.run()
      }
    }
  }

  /// The row that has the output, recipient and agreement of `record`.
  private func row(of record: LedgerRecord) throws(MediaError) -> Int64? {
    let known = try database.statement(Self.known)
    let head = record.outputDigest.prefix(Schema.headDigits)
    for (place, text) in [
      (1, String(head)), (2, record.outputDigest), (3, record.recipient), (4, record.agreement),
    ] {
      try known.bind(Int32(place), text)
    }
    defer { known.reset() }
    return try known.step() ? known.integer(0) : nil
  }

  private func supersede(_ record: LedgerRecord) throws(MediaError) {
    let update = try database.statement(Self.replacement)
    try update.bind(1, text: record.output.bytes)
    try update.bind(2, record.outputDigest)
    try update.run()
  }

  private func confirm(_ record: LedgerRecord, _ row: Int64) throws(MediaError) {
    let update = try database.statement(Self.confirmation)
    try update.bind(1, text: record.output.bytes)
    try update.bind(2, row)
    try update.run()
  }

  /// Folds the log into the database and, with full durability, syncs both.
  func checkpoint() throws(MediaError) { _ = try database.number("PRAGMA wal_checkpoint(TRUNCATE)") }
}
