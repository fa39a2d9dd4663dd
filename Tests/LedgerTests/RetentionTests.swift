import Foundation
import Ledger
import MediaCore
import Testing

/// Times, and how long records are kept.
@Suite struct RetentionTests {
  @Test func momentsAreWrittenAndReadAsFoundationDoes() throws {
    let formatter = ISO8601DateFormatter()
    formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
    var generator = SplitMix(state: 11)
    for _ in 0..<2000 {
      let value = Int64.random(in: -2_000_000_000_000...60_000_000_000_000, using: &generator)
      let text = Timestamp(milliseconds: value).description
      #expect(text == formatter.string(from: Date(timeIntervalSince1970: Double(value) / 1000)))
      #expect(Timestamp(text)?.milliseconds == value)
    }
    #expect(Timestamp("2026-11-28")?.description == "2026-11-28T00:00:00.000Z")
    #expect(Timestamp("2024-02-29T23:59:59Z") != nil)
    for extreme in [Int64.min, .max] { #expect(!Timestamp(milliseconds: extreme).description.isEmpty) }
    let wrong = [
      "", "2026", "2026-13-01", "2026-02-29", "2026-1-1", "2026-01-01T", "2026-01-01T24:00:00Z",
      "2026-01-01T00:00:00",
      "2026-01-01T00:00:00.Z", "yesterday", "２０２６-01-01",
    ]
    for text in wrong { #expect(Timestamp(text) == nil, "\(text)") }
  }

  @Test(arguments: [
    ("2026-11-28T10:00:00.000Z", 6, "2026-05-28T10:00:00.000Z"),
    ("2026-08-31T10:00:00.000Z", 6, "2026-02-28T10:00:00.000Z"),
    ("2024-08-31T00:00:00.001Z", 6, "2024-02-29T00:00:00.001Z"),
    ("2026-03-01T00:00:00.000Z", 6, "2025-09-01T00:00:00.000Z"),
    ("2026-01-15T00:00:00.000Z", 25, "2023-12-15T00:00:00.000Z"),
  ])
  func monthsAreThoseOfTheCalendar(_ time: String, _ months: Int, _ expected: String) {
    #expect(Timestamp(time)?.subtracting(months: months).description == expected)
  }

  private func makeShop(_ times: [Timestamp]) throws -> LedgerShop {
    let shop = try LedgerShop()
    var generator = SplitMix(state: 2)
    try shop.write(
      times.enumerated().map { index, time in
        var record = LedgerShop.record(index, hash: generator.hash())
        record.time = time
        return record
      })
    return shop
  }

  @Test func nothingYoungerThanSixMonthsGoesWithoutForce() throws {
    let now = try #require(Timestamp("2026-11-28T10:00:00Z"))
    let days = [400, 200, 184, 183, 100, 0].map {
      Timestamp(milliseconds: now.milliseconds - Int64($0) * 86_400_000)
    }
    let shop = try makeShop(days)
    let limit = now.subtracting(months: Retention.leastMonths)
    let tooLate = Timestamp(milliseconds: limit.milliseconds + 1)
    #expect(throws: MediaError.self) { try Retention.prune(shop.path, before: tooLate, now: now) }
    #expect(try Retention.prune(shop.path, before: limit, now: now, counts: true) == 2)
    #expect(try shop.all().count == 6)
    #expect(try Retention.prune(shop.path, before: limit, now: now) == 2)
    #expect(try shop.all().map(\.produceID) == ["ID2", "ID3", "ID4", "ID5"])
    #expect(try Retention.prune(shop.path, before: now, now: now, isForced: true) == 3)
    #expect(try shop.all().map(\.produceID) == ["ID5"])
  }

  @Test func whatIsPrunedIsFoundInNoWay() throws {
    let now = try #require(Timestamp("2026-11-28T10:00:00Z"))
    let shop = try makeShop([try #require(Timestamp("2020-01-01")), now])
    let records = try shop.all()
    let hashes = records.compactMap(\.perceptualHash)
    _ = try Retention.prune(shop.path, before: now.subtracting(months: 6), now: now)
    let reader = try LedgerReader(shop.path)
    #expect(try reader.nearDuplicates(of: hashes).map(\.record) == [records[1]])
    #expect(try reader.records(payload: LedgerShop.payload(0)).isEmpty)
    #expect(throws: MediaError.self) {
      try Retention.prune(FilePath(shop.folder + "/mistyped"), before: now, now: now, isForced: true)
    }
    #expect(!FileManager.default.fileExists(atPath: shop.folder + "/mistyped"))
  }
}
