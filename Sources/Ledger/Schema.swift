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
  private static let version: Int64 = 2
  /// Files of it are read as they are, and become of this version when they are written to.
  private static let oldVersion: Int64 = 1

  /// Records of one part of an index: what is not looked up to write is indexed in parts by the order of writing, so that pages that
  /// are changed stay few and in the cache however many records there are.
  static let partBits: Int64 = 16
  /// Digits of a SHA-256 that it is indexed by.
  static let headDigits = 12

  private static let records = """
    CREATE TABLE records (
      id INTEGER PRIMARY KEY, time INTEGER NOT NULL, produce_id TEXT NOT NULL, producer TEXT NOT NULL, payload TEXT,
      input_sha256 TEXT NOT NULL, output_sha256 TEXT NOT NULL, perceptual_hash BLOB, model TEXT NOT NULL,
      aigc TEXT NOT NULL, explicit_label TEXT NOT NULL, layers TEXT NOT NULL, recipient TEXT NOT NULL,
      agreement TEXT NOT NULL, checked TEXT NOT NULL, input_path TEXT NOT NULL, output_path TEXT NOT NULL,
      format TEXT NOT NULL, media TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
      state TEXT NOT NULL, origin TEXT NOT NULL
    );
    CREATE INDEX records_by_time ON records (time);
    CREATE INDEX records_by_input_path ON records (input_path);
    CREATE INDEX records_by_output_path ON records (output_path);
    """
  /// `hashes` has the perceptual hashes by themselves, in the order of writing, to be read from end to end.
  private static let indexes = """
    CREATE INDEX records_by_produce_id ON records (id >> \(partBits), produce_id);
    CREATE INDEX records_by_payload ON records (id >> \(partBits), payload) WHERE payload IS NOT NULL;
    CREATE INDEX records_by_input_sha256 ON records (id >> \(partBits), substr(input_sha256, 1, \(headDigits)));
    CREATE INDEX records_by_output_sha256 ON records (substr(output_sha256, 1, \(headDigits)));
    CREATE TABLE hashes (record INTEGER PRIMARY KEY, hash BLOB NOT NULL);
    """
  /// From version 1, whose records are unique by a constraint, and whose hashes are indexed by their pieces.
  private static let migration = """
    DROP INDEX records_by_produce_id; DROP INDEX records_by_payload; DROP INDEX records_by_input_sha256;
    \(indexes)
    INSERT INTO hashes SELECT id, perceptual_hash FROM records WHERE perceptual_hash IS NOT NULL ORDER BY id;
    DROP TABLE bands;
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
      if try isEmpty(database) {
        try database.execute(records + indexes)
        try database.execute("PRAGMA application_id = \(application)")
      } else if try isOld(database) {
        try database.execute(migration)
      } else {
        return
      }
      try database.execute("PRAGMA user_version = \(version)")
    }
    return database
  }

  /// Whether a ledger is of the version before this one.
  static func isOld(_ database: Database) throws(MediaError) -> Bool {
    try database.number("PRAGMA user_version") == oldVersion
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
    guard found == version || found == oldVersion else {
      throw MediaError(
        .unsupported, .commit,
        "ledger '\(path)' has version \(found), this touchmark reads versions up to \(version); use a later one"
      )
    }
  }
}
