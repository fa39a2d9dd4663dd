public import MediaCore

/// How long records are kept. Article 9 of the Labelling Measures asks for at least six months of who was given content
/// without an explicit label; the same is kept of everything.
public enum Retention {
  /// Months that records are kept at least.
  public static let leastMonths = 6
  private static let stretch = 10_000

  /// Removes the records of the ledger `path` from before `cutoff` and returns how many; with `counts` it only counts them.
  /// Throws `invalidArgument` for a cut-off within the last `leastMonths` before `now`, unless `isForced`.
  public static func prune(
    _ path: FilePath, before cutoff: Timestamp, now: Timestamp, isForced: Bool = false, counts: Bool = false
  ) throws(MediaError) -> Int {
    let latest = now.subtracting(months: leastMonths)
    guard isForced || cutoff <= latest else {
      throw MediaError(
        .invalidArgument, .commit,
        "records from \(latest) on are not \(leastMonths) months old (Labelling Measures, Article 9); --force removes them"
      )
    }
    if counts {
      let database = try Schema.openToRead(path)
      return Int(
        try database.number("SELECT count(*) FROM records WHERE time < \(cutoff.milliseconds)") ?? 0)
    }
    // A mistyped name makes no ledger.
    _ = try Schema.openToRead(path)
    let database = try Schema.openToWrite(path)
    var removed = 0
    while true {
      // Some at a time, so that a run that writes meanwhile does not wait for long.
      let count = try database.transaction { () throws(MediaError) -> Int in
        try remove(from: database, before: cutoff)
      }
      removed += count
      if count < stretch { break }
    }
    _ = try database.number("PRAGMA wal_checkpoint(TRUNCATE)")
    return removed
  }

  private static func remove(from database: Database, before cutoff: Timestamp) throws(MediaError) -> Int {
    var rows: [Int64] = []
    let old = try database.statement("SELECT id FROM records WHERE time < ?1 ORDER BY time LIMIT \(stretch)")
    try old.bind(1, cutoff.milliseconds)
    while try old.step() { rows.append(old.integer(0)) }
    old.reset()
    for table in ["hashes WHERE record", "records WHERE id"] {
      let removal = try database.statement("DELETE FROM \(table) = ?1")
      for row in rows {
        try removal.bind(1, row)
        try removal.run()
      }
    }
    return rows.count
  }
}
