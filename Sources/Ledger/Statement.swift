internal import CSQLite
internal import MediaCore

/// A compiled statement of a `Database`. Places of values and columns count from 1 and 0, as SQLite does.
final class Statement {
  private let handle: OpaquePointer
  private unowned let database: Database

  init(_ handle: OpaquePointer, of database: Database) {
    self.handle = handle
    self.database = database
  }

  deinit { sqlite3_finalize(handle) }

  /// Ready to run again, without values.
  func reset() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  func bind(_ place: Int32, _ value: Int64) throws(MediaError) {
    try database.require(sqlite3_bind_int64(handle, place, value))
  }

  /// Text; bytes that are not UTF-8 are kept as they are.
  func bind(_ place: Int32, text: [UInt8]) throws(MediaError) {
    try database.require(text.withUnsafeBufferPointer { bind(place, $0) })
  }

  func bind(_ place: Int32, _ text: String) throws(MediaError) {
    var text = text
    try database.require(text.withUTF8 { bind(place, $0) })
  }

  private func bind(_ place: Int32, _ text: UnsafeBufferPointer<UInt8>) -> Int32 {
    // No address at all would be NULL.
    guard let start = text.baseAddress else { return csqlite_bind_text(handle, place, "", 0) }
    return start.withMemoryRebound(to: CChar.self, capacity: text.count) {
      csqlite_bind_text(handle, place, $0, Int32(clamping: text.count))
    }
  }

  func bind(_ place: Int32, blob: [UInt8]?) throws(MediaError) {
    guard let blob else { return }
    try database.require(
      blob.withUnsafeBytes { csqlite_bind_blob(handle, place, $0.baseAddress, Int32(clamping: $0.count)) })
  }

  /// Whether there is a further row.
  func step() throws(MediaError) -> Bool {
    let status = sqlite3_step(handle)
    if status == SQLITE_ROW { return true }
    guard status == SQLITE_DONE else {
      // Says what went wrong, which the connection remembers.
      defer { sqlite3_reset(handle) }
      try database.require(status)
      return false
    }
    return false
  }

  /// Runs a statement without rows, and resets it.
  func run() throws(MediaError) {
    while try step() {}
    reset()
  }

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  /// The bytes of a text or a blob; nil for NULL.
  func bytes(_ column: Int32) -> [UInt8]? {
    guard sqlite3_column_type(handle, column) != SQLITE_NULL else { return nil }
    let start = sqlite3_column_blob(handle, column)
    return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }

  /// The hash in a blob; nil for what is none.
  func hash(_ column: Int32) -> PerceptualHash? {
    guard sqlite3_column_type(handle, column) == SQLITE_BLOB, let start = sqlite3_column_blob(handle, column)
    else { return nil }
    return PerceptualHash(
      bytes: UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }

  func text(_ column: Int32) -> String { String(decoding: bytes(column) ?? [], as: UTF8.self) }
}
