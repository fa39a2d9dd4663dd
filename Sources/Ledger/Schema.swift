internal import CSQLite
internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The tables of a ledger, and how a file is told to be one.
enum Schema {
  /// `TMLG`, in the database's header.
  private static let application: Int64 = 0x544D_4C47
  private static let version: Int64 = 1

  /// `bands` finds hashes that nearly agree: a record stands in it once for each 16 bits of its hash, under their place and
  /// value (`place << 16 | value`).
  private static let tables = """
    CREATE TABLE records (
      id INTEGER PRIMARY KEY, time INTEGER NOT NULL, produce_id TEXT NOT NULL, producer TEXT NOT NULL, payload TEXT,
      input_sha256 TEXT NOT NULL, output_sha256 TEXT NOT NULL, perceptual_hash BLOB, model TEXT NOT NULL,
      aigc TEXT NOT NULL, explicit_label TEXT NOT NULL, layers TEXT NOT NULL, recipient TEXT NOT NULL,
      agreement TEXT NOT NULL, checked TEXT NOT NULL, input_path TEXT NOT NULL, output_path TEXT NOT NULL,
      format TEXT NOT NULL, media TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
      state TEXT NOT NULL, origin TEXT NOT NULL, UNIQUE (output_sha256, recipient, agreement)
    );
    CREATE INDEX records_by_time ON records (time);
    CREATE INDEX records_by_produce_id ON records (produce_id);
    CREATE INDEX records_by_payload ON records (payload) WHERE payload IS NOT NULL;
    CREATE INDEX records_by_input_sha256 ON records (input_sha256);
    CREATE INDEX records_by_input_path ON records (input_path);
    CREATE INDEX records_by_output_path ON records (output_path);
    CREATE TABLE bands (key INTEGER NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (key, record)) WITHOUT ROWID;
    """

  /// Opens `path` to read. Throws `io`, `malformed` for what is no database, `invalidArgument` for one of another program,
  /// `unsupported` for a later version's.
  static func openToRead(_ path: FilePath) throws(MediaError) -> Database {
    let database = try Database(path, .read)
    try require(database, path)
    return database
  }

  /// Opens `path` to write, and makes it, readable by its owner alone, where it is not there. Throws as `openToRead` does.
  static func openToWrite(_ path: FilePath) throws(MediaError) -> Database {
    try make(path)
    let database = try Database(path, .write)
    // Only then: what is not a ledger is left exactly as it is.
    if try !isEmpty(database) { try require(database, path) }
    try database.execute("PRAGMA journal_mode = WAL; PRAGMA cache_size = -16000")
    try database.transaction { () throws(MediaError) -> Void in
      guard try isEmpty(database) else { return }
      try database.execute(tables)
      try database.execute("PRAGMA application_id = \(application); PRAGMA user_version = \(version)")
    }
    return database
  }

  private static func make(_ path: FilePath) throws(MediaError) {
    // A file that is there is left to SQLite alone: closing it here would take this process's locks off it.
    let descriptor = path.withCString { open($0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600) }
    if descriptor < 0, errno == EEXIST { return }
    guard descriptor >= 0 else { throw .system(.commit, "cannot make ledger '\(path)'") }
    close(descriptor)
  }

  private static func isEmpty(_ database: Database) throws(MediaError) -> Bool {
    guard try database.number("PRAGMA application_id") == 0 else { return false }
    return try database.number("SELECT count(*) FROM sqlite_master") == 0
  }

  private static func require(_ database: Database, _ path: FilePath) throws(MediaError) {
    guard try database.number("PRAGMA application_id") == application else {
      throw MediaError(
        .invalidArgument, .commit,
        "'\(path)' is an SQLite database but no ledger of touchmark; name another file")
    }
    let found = try database.number("PRAGMA user_version") ?? 0
    guard found == version else {
      throw MediaError(
        .unsupported, .commit,
        "ledger '\(path)' has version \(found), this touchmark reads version \(version); use a later one")
    }
  }
}
