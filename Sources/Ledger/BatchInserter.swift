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
    ON CONFLICT (output_sha256, recipient, agreement) DO NOTHING
    """
  private static let confirmation = """
    UPDATE records SET state = 'current', output_path = ?1
    WHERE output_sha256 = ?2 AND recipient = ?3 AND agreement = ?4
    """
  private static let replacement = """
    UPDATE records SET state = 'replaced' WHERE output_path = ?1 AND output_sha256 <> ?2 AND state = 'current'
    """

  /// Inserts `records` in one transaction; all or none. One whose output, recipient and agreement are known already adds
  /// no row; one whose output path had another output before marks that `replaced`.
  func insert(_ records: [LedgerRecord]) throws(MediaError) {
    try database.transaction { () throws(MediaError) -> Void in
      var bands: [(key: Int64, record: Int64)] = []
      for record in records {
        try supersede(record)
        let insert = try database.statement(Self.insertion)
        try RecordRow.bind(record, to: insert)
        try insert.run()
        guard database.changes == 1 else {
          try confirm(record)
          continue
        }
        let row = database.lastRow
        for key in NearDuplicates.keys(of: record.perceptualHash) { bands.append((key, row)) }
      }
      // In their order the many small entries of a large index touch each of its pages once.
      bands.sort { $0 < $1 }
      let insert = try database.statement("INSERT OR IGNORE INTO bands (key, record) VALUES (?1, ?2)")
      for band in bands {
        try insert.bind(1, band.key)
        try insert.bind(2, band.record)
        try insert.run()
      }
    }
  }

  private func supersede(_ record: LedgerRecord) throws(MediaError) {
    let update = try database.statement(Self.replacement)
    try update.bind(1, text: record.output.bytes)
    try update.bind(2, record.outputDigest)
    try update.run()
  }

  private func confirm(_ record: LedgerRecord) throws(MediaError) {
    let update = try database.statement(Self.confirmation)
    try update.bind(1, text: record.output.bytes)
    for (place, text) in [(2, record.outputDigest), (3, record.recipient), (4, record.agreement)] {
      try update.bind(Int32(place), text)
    }
    try update.run()
  }

  /// Folds the log into the database and, with full durability, syncs both.
  func checkpoint() throws(MediaError) { _ = try database.number("PRAGMA wal_checkpoint(TRUNCATE)") }
}
