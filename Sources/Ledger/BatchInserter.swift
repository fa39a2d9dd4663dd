internal import MediaCore

/// Writes records, many to a transaction. Owned by the writer's thread.
struct BatchInserter {
  private let database: Database
  private let insertion: Statement
  private let look: Statement
  private let known: Statement
  private let confirmation: Statement
  private let replacement: Statement

  init(_ path: FilePath, _ durability: LedgerWriter.Durability) throws(MediaError) {
    database = try Schema.openToWrite(path)
    try database.execute("PRAGMA synchronous = \(durability == .full ? "FULL" : "NORMAL")")
    // 16 MiB of log before it is folded into the database.
    try database.execute("PRAGMA wal_autocheckpoint = 4096")
    let places = (1...22).map { "?\($0)" }.joined(separator: ",")
    insertion = try database.statement("INSERT INTO records (\(RecordRow.columns)) VALUES (\(places))")
    look = try database.statement("INSERT INTO hashes (record, hash) VALUES (?1, ?2)")
    known = try database.statement(
      """
      SELECT id FROM records WHERE \(RecordRow.digest("output_sha256", head: "?1", whole: "?2"))
      AND recipient = ?3 AND agreement = ?4
      """)
    confirmation = try database.statement(
      "UPDATE records SET state = 'current', output_path = ?1 WHERE id = ?2")
    replacement = try database.statement(
      """
      UPDATE records SET state = 'replaced' WHERE output_path = ?1 AND output_sha256 <> ?2 AND state = 'current'
      """)
  }

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
        insertion.reset()
        try RecordRow.bind(record, to: insertion)
        try insertion.run()
        guard let hash = record.perceptualHash else { continue }
        look.reset()
        try look.bind(1, database.lastRow)
        try look.bind(2, blob: hash.bytes)
        try look.run()
      }
    }
  }

  /// The row that has the output, recipient and agreement of `record`.
  private func row(of record: LedgerRecord) throws(MediaError) -> Int64? {
    known.reset()
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
    replacement.reset()
    try replacement.bind(1, text: record.output.bytes)
    try replacement.bind(2, record.outputDigest)
    try replacement.run()
  }

  private func confirm(_ record: LedgerRecord, _ row: Int64) throws(MediaError) {
    confirmation.reset()
    try confirmation.bind(1, text: record.output.bytes)
    try confirmation.bind(2, row)
    try confirmation.run()
  }

  /// Folds the log into the database and, with full durability, syncs both.
  func checkpoint() throws(MediaError) { _ = try database.number("PRAGMA wal_checkpoint(TRUNCATE)") }
}
