internal import CSQLite
internal import MediaCore

/// A connection to an SQLite database. Owned by one thread at a time.
final class Database {
  /// What a connection may do.
  enum Access { case read, write }

  private var connection: OpaquePointer
  private let name: String
  private var statements: [String: Statement] = [:]

  /// Bytes of the longest value read or written: the AIGC field is a few hundred, a path 4 KiB.
  private static let longestValue: Int32 = 1 << 20
  /// Milliseconds to wait for another process that writes.
  private static let patience: Int32 = 60_000
  private static let stage = MediaError.Stage.commit

  /// Opens the file `path`, which must exist. Throws `io`.
  init(_ path: FilePath, _ access: Access) throws(MediaError) {
    name = path.description
    let flags = access == .read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
    connection = try Self.open(path, flags)
    try configure(access)
    guard access == .read else { return }
    // Without its shared memory beside it, a database in WAL mode cannot be read from a read-only folder; one that was closed
    // in order holds everything itself.
    do throws(MediaError) { try check() } catch {
      guard error.nativeStatus == SQLITE_CANTOPEN, !Self.hasLog(path) else { throw error }
      let frozen = FilePath(bytes: Array("file:".utf8) + Self.escaped(path) + Array("?immutable=1".utf8))
      let second = try Self.open(frozen, flags | SQLITE_OPEN_URI)
      statements = [:]
      sqlite3_close_v2(connection)
      connection = second
      try configure(access)
      try check()
    }
  }

  deinit {
    statements = [:]
    sqlite3_close_v2(connection)
  }

  private static func open(_ path: FilePath, _ flags: Int32) throws(MediaError) -> OpaquePointer {
    var handle: OpaquePointer?
    let status = path.withCString {
      sqlite3_open_v2($0, &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    }
    guard status == SQLITE_OK, let handle else {
      let text = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "no memory"
      sqlite3_close_v2(handle)
      throw MediaError(.io, stage, "cannot open ledger '\(path)': \(text)", nativeStatus: status)
    }
    return handle
  }

  private static func hasLog(_ path: FilePath) -> Bool {
    let log = FilePath(bytes: path.bytes + Array("-wal".utf8))
    return ((try? FileStatus(log))?.size ?? 0) > 0
  }

  /// The path as it stands in a URI.
  private static func escaped(_ path: FilePath) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    let plain = Set("/-._~abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
    return path.bytes.flatMap {
      plain.contains($0) ? [$0] : [UInt8(ascii: "%"), digits[Int($0 >> 4)], digits[Int($0 & 15)]]
    }
  }

  private func configure(_ access: Access) throws(MediaError) {
    sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, Self.longestValue)
    sqlite3_busy_timeout(connection, Self.patience)
    // The file may come from a stranger: its schema runs no code, and nothing writes past the tables.
    for (option, value) in [(SQLITE_DBCONFIG_DEFENSIVE, 1), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)] {
      _ = csqlite_configure(connection, option, Int32(value))
    }
    if access == .read { try execute("PRAGMA query_only = 1") }
  }

  /// Throws where the file is no database at all.
  private func check() throws(MediaError) { _ = try number("PRAGMA schema_version") }

  /// Runs statements without results. Throws what SQLite says.
  func execute(_ sql: String) throws(MediaError) {
    try require(sqlite3_exec(connection, sql, nil, nil, nil))
  }

  /// A statement, compiled once a connection; reset and without values.
  func statement(_ sql: String) throws(MediaError) -> Statement {
    if let known = statements[sql] {
      known.reset()
      return known
    }
    var compiled: OpaquePointer?
    try require(sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &compiled, nil))
    guard let compiled else { throw MediaError(.internalFault, Self.stage, "no statement in '\(sql)'") }
    let made = Statement(compiled, of: self)
    statements[sql] = made
    return made
  }

  /// The first value of the first row, as a number; nil without a row.
  func number(_ sql: String) throws(MediaError) -> Int64? {
    let statement = try statement(sql)
    defer { statement.reset() }
    return try statement.step() ? statement.integer(0) : nil
  }

  /// Runs `body` in a transaction that is undone when it throws. Throws what `body` throws.
  func transaction<Success>(_ body: () throws(MediaError) -> Success) throws(MediaError) -> Success {
    // At once: a transaction that reads first could not wait for another writer.
    try execute("BEGIN IMMEDIATE")
    do throws(MediaError) {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      // After some errors SQLite has undone it already.
      if sqlite3_get_autocommit(connection) == 0 { try? execute("ROLLBACK") }
      throw error
    }
  }

  /// Rows that the last statement changed.
  var changes: Int { Int(sqlite3_changes64(connection)) }
  /// The number of the last row inserted.
  var lastRow: Int64 { sqlite3_last_insert_rowid(connection) }

  /// Throws `status` as an error of ours unless it is `SQLITE_OK`.
  func require(_ status: Int32) throws(MediaError) {
    guard status != SQLITE_OK else { return }
    let code: MediaError.Code =
      switch status & 0xFF {
      case SQLITE_CORRUPT, SQLITE_NOTADB: .malformed
      case SQLITE_NOMEM, SQLITE_TOOBIG: .limitExceeded
      case SQLITE_MISUSE, SQLITE_RANGE, SQLITE_CONSTRAINT: .internalFault
      default: .io
      }
    let text = String(cString: sqlite3_errmsg(connection))
    throw MediaError(code, Self.stage, "ledger '\(name)': \(text)", nativeStatus: status)
  }
}
