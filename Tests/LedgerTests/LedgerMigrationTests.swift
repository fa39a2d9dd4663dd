import Foundation
import Ledger
import MediaCore
import Testing

/// Ledgers of the version before, which had an index of the pieces of hashes and whole sums in its others.
@Suite struct LedgerMigrationTests {
  /// Makes the ledger of `shop` one of version 1: written out, for files of it must be read whatever the present tables become.
  private static func makeOld(_ shop: LedgerShop) throws {
    try LedgerShop.sqlite(
      shop.path.description,
      """
      PRAGMA journal_mode = DELETE;
      CREATE TABLE old (
        id INTEGER PRIMARY KEY, time INTEGER NOT NULL, produce_id TEXT NOT NULL, producer TEXT NOT NULL, payload TEXT,
        input_sha256 TEXT NOT NULL, output_sha256 TEXT NOT NULL, perceptual_hash BLOB, model TEXT NOT NULL,
        aigc TEXT NOT NULL, explicit_label TEXT NOT NULL, layers TEXT NOT NULL, recipient TEXT NOT NULL,
        agreement TEXT NOT NULL, checked TEXT NOT NULL, input_path TEXT NOT NULL, output_path TEXT NOT NULL,
        format TEXT NOT NULL, media TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
        state TEXT NOT NULL, origin TEXT NOT NULL, UNIQUE (output_sha256, recipient, agreement)
      );
      INSERT INTO old SELECT * FROM records;
      DROP TABLE records; DROP TABLE hashes;
      ALTER TABLE old RENAME TO records;
      CREATE INDEX records_by_time ON records (time);
      CREATE INDEX records_by_produce_id ON records (produce_id);
      CREATE INDEX records_by_payload ON records (payload) WHERE payload IS NOT NULL;
      CREATE INDEX records_by_input_sha256 ON records (input_sha256);
      CREATE INDEX records_by_input_path ON records (input_path);
      CREATE INDEX records_by_output_path ON records (output_path);
      CREATE TABLE bands (key INTEGER NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (key, record)) WITHOUT ROWID;
      PRAGMA user_version = 1;
      PRAGMA journal_mode = WAL;
      """)
  }

  private static func records(_ count: Int) -> [LedgerRecord] {
    var generator = SplitMix(state: 21)
    return (0..<count).map { LedgerShop.record($0, hash: $0 % 5 == 0 ? nil : generator.hash()) }
  }

  /// Everything that is looked up finds what it should.
  private static func check(_ reader: LedgerReader, holds records: [LedgerRecord]) throws {
    for record in records {
      #expect(try reader.records(produceID: record.produceID) == [record])
      #expect(try reader.records(payload: record.payload) == [record])
      #expect(try reader.records(sha256: record.outputDigest) == [record])
      #expect(try reader.records(sha256: record.inputDigest) == [record])
      #expect(try reader.records(path: record.output) == [record])
      guard let hash = record.perceptualHash else { continue }
      #expect(try reader.nearDuplicates(of: [hash]).map(\.record) == [record])
    }
  }

  @Test func anOldLedgerIsReadAsItIsAndBecomesANewOneWhenItIsWrittenTo() throws {
    let shop = try LedgerShop()
    let records = Self.records(40)
    try shop.write(records)
    try Self.makeOld(shop)
    let before = try shop.bytes()
    let reader = try LedgerReader(shop.path)
    try Self.check(reader, holds: records)
    #expect(try shop.bytes() == before)

    var more = LedgerShop.record(40)
    more.perceptualHash = PerceptualHash(words: SIMD4(1, 2, 3, 4))
    // The first are known already.
    #expect(try shop.write(records + [more]).isEmpty)
    #expect(try shop.all() == records + [more])
    try Self.check(try LedgerReader(shop.path), holds: records + [more])
    // Who read it before goes on to.
    try Self.check(reader, holds: records)
    try LedgerShop.sqlite(
      shop.path.description,
      """
      CREATE TEMP TABLE version (number CHECK (number = 2));
      INSERT INTO version SELECT user_version FROM pragma_user_version;
      """)
  }

  @Test func recordsOfAllPartsAreFoundTheLastOneFirst() throws {
    let shop = try LedgerShop()
    var records = (0..<3).map { LedgerShop.record($0) }
    for index in records.indices { records[index].payload = "cafe" }
    try shop.write([records[0]])
    // As though many had been written between, and one with a number that no ledger comes to.
    for (index, id) in [(1, 200_000), (2, Int64.max)] as [(Int, Int64)] {
      try shop.write([records[index]])
      try LedgerShop.sqlite(
        shop.path.description, "UPDATE records SET id = \(id) WHERE produce_id = 'ID\(index)'")
    }
    let reader = try LedgerReader(shop.path)
    #expect(try reader.records(payload: "cafe") == records.reversed())
    #expect(try reader.records(sha256: records[1].inputDigest) == [records[1]])
    #expect(try reader.records(payload: "beef").isEmpty)
  }

  @Test func ofManyThatLookAlikeTheNearestAreFound() throws {
    let shop = try LedgerShop()
    // Distances 59, 58 … 0, each twice.
    let records = (0..<120).map { index in
      LedgerShop.record(
        index, hash: PerceptualHash(words: SIMD4(UInt64(1) << UInt64(59 - index / 2) - 1, 0, 0, 0)))
    }
    try shop.write(records)
    let found = try LedgerReader(shop.path).nearDuplicates(of: [PerceptualHash(words: SIMD4())])
    #expect(found.map(\.distance) == (0..<64).map { $0 / 2 })
  }
}
