import Foundation
import Ledger
import MediaCore
import Testing

/// What a ledger holds and finds.
@Suite struct LedgerTests {
  @Test func aRecordComesBackAsItWasWritten() throws {
    let shop = try LedgerShop()
    var generator = SplitMix(state: 1)
    var record = LedgerShop.record(7, hash: generator.hash())
    record.input = FilePath(bytes: [0x2F, 0xFF, 0x0A, 0xC3])
    record.recipient = "张三"
    record.agreement = "2026-17"
    record.origin = .resume
    var bare = LedgerShop.record(8)
    bare.payload = ""
    bare.input = FilePath(bytes: [])
    bare.layers = []
    // The mark of short sound has half the bits.
    var short = LedgerShop.record(9)
    short.payload = "0badcafe"
    #expect(try shop.write([record, bare, short]).isEmpty)
    #expect(try shop.all() == [record, bare, short])
    let reader = try LedgerReader(shop.path)
    #expect(try reader.records(payload: "0badcafe") == [short])
    #expect(try reader.records(payload: "").isEmpty)
    #expect(try reader.records(payload: LedgerShop.payload(7)) == [record])
    #expect(try reader.records(produceID: "ID7") == [record])
    #expect(try reader.records(sha256: record.outputDigest.uppercased()) == [record])
    #expect(try reader.records(sha256: record.inputDigest) == [record])
    #expect(try reader.records(path: record.input) == [record])
    #expect(try reader.records(path: record.output) == [record])
    #expect(try reader.records(payload: LedgerShop.payload(0)).isEmpty)
    #expect(try reader.records(produceID: "ID7' OR 1 --").isEmpty)
    #expect(record.json["inputBytes"] == .array([.int(0x2F), .int(0xFF), .int(0x0A), .int(0xC3)]))
    #expect(record.json["aigc"]?["Label"] == "1")
  }

  @Test func theSameOutputAgainAddsNoRow() throws {
    let shop = try LedgerShop()
    let record = LedgerShop.record(1)
    try shop.write([record, record])
    try shop.write([record])
    #expect(try shop.all() == [record])
    // To another recipient it is another event.
    var other = record
    other.recipient = "B"
    other.agreement = "2"
    try shop.write([other])
    #expect(try shop.all().count == 2)
  }

  @Test func anotherOutputAtAPathMarksTheFirstReplaced() throws {
    let shop = try LedgerShop()
    let first = LedgerShop.record(1)
    var second = LedgerShop.record(2)
    second.output = first.output
    try shop.write([first, second])
    #expect(try shop.all().map(\.state) == [.replaced, .current])
    let reader = try LedgerReader(shop.path)
    #expect(try reader.holds(output: first.output, from: second.time))
    let later = Timestamp(milliseconds: second.time.milliseconds + 1)
    #expect(try !reader.holds(output: first.output, from: later))
    #expect(try !reader.holds(output: first.input, from: first.time))
    // And back.
    try shop.write([first])
    #expect(try shop.all().map(\.state) == [.current, .replaced])
  }

  @Test func everyHashThatIsNearIsFound() throws {
    let shop = try LedgerShop()
    var generator = SplitMix(state: 3)
    let hashes = (0..<400).map { _ in generator.hash() }
    try shop.write(hashes.enumerated().map { LedgerShop.record($0.offset, hash: $0.element) })
    let reader = try LedgerReader(shop.path)
    for distance in [0, 1, 16, 31, LedgerReader.farthest] {
      for (index, hash) in hashes.enumerated().prefix(40) {
        var words = hash.words
        for bit in (0..<256).shuffled(using: &generator).prefix(distance) {
          words[bit / 64] ^= 1 << UInt64(bit % 64)
        }
        let found = try reader.nearDuplicates(of: [PerceptualHash(words: words)])
        #expect(found.map(\.record.produceID) == ["ID\(index)"], "\(distance) bits")
        #expect(found.first?.distance == distance)
      }
    }
    // What a plain comparison of all does not find is not found.
    for _ in 0..<40 {
      let probe = generator.hash()
      let nearest = hashes.map { $0.distance(to: probe) }.min() ?? 0
      #expect(try reader.nearDuplicates(of: [probe]).isEmpty == (nearest > LedgerReader.farthest))
    }
  }

  @Test func manyThreadsWriteAndReadersSeeWholeRecordsMeanwhile() throws {
    let shop = try LedgerShop()
    let writer = try LedgerWriter(shop.path)
    let told = Told()
    let (threads, each) = (4, 1500)
    DispatchQueue.concurrentPerform(iterations: threads + 1) { thread in
      guard thread < threads else {
        let reader = try? LedgerReader(writer.path)
        for _ in 0..<50 {
          let found = (try? reader?.records(produceID: "ID0")) ?? []
          if found != [LedgerShop.record(0)], !found.isEmpty { Issue.record("a record half written") }
        }
        return
      }
      for index in 0..<each { writer.append(LedgerShop.record(thread * each + index)) { told.add($0) } }
    }
    try writer.finish()
    #expect(told.count == threads * each)
    #expect(told.errors.isEmpty)
    #expect(try shop.all() == (0..<threads * each).map { LedgerShop.record($0) })
  }

  @Test func whoeverWaitsForARecordFindsIt() throws {
    let shop = try LedgerShop()
    let writer = try LedgerWriter(shop.path)
    let missing = Told()
    DispatchQueue.concurrentPerform(iterations: 4) { thread in
      for index in 0..<25 {
        let number = UInt64(thread * 25 + index)
        try? writer.write(LedgerShop.record(Int(number)))
        let found = try? LedgerReader(writer.path).records(payload: LedgerShop.payload(number)).count
        if found != 1 { missing.add(nil) }
      }
    }
    #expect(missing.count == 0)
  }

  @Test func twoWritersTakeTurns() throws {
    let shop = try LedgerShop()
    let writers = [try LedgerWriter(shop.path), try LedgerWriter(shop.path, durability: .process)]
    let told = Told()
    DispatchQueue.concurrentPerform(iterations: 2) { which in
      for index in 0..<300 { writers[which].append(LedgerShop.record(index)) { told.add($0) } }
    }
    for writer in writers { try writer.finish() }
    #expect(told.count == 600)
    #expect(told.errors.isEmpty)
    #expect(try shop.all().count == 300)
  }

  @Test func whatIsNoLedgerIsNamedAndLeftAlone() throws {
    let shop = try LedgerShop()
    let other = shop.folder + "/other.sqlite"
    try LedgerShop.sqlite(other, "CREATE TABLE t(x); INSERT INTO t VALUES (1);")
    let later = shop.folder + "/later.sqlite"
    try LedgerShop.sqlite(
      later, "CREATE TABLE t(x); PRAGMA application_id = 1414351943; PRAGMA user_version = 9;")
    let noise = shop.folder + "/noise"
    try Data((0..<9000).map { UInt8(truncatingIfNeeded: $0 &* 31) }).write(to: URL(fileURLWithPath: noise))
    let cases: [(String, MediaError.Code)] = [
      (other, .invalidArgument), (later, .unsupported), (noise, .malformed), (shop.folder, .io),
    ]
    for (name, code) in cases {
      let before = try? Data(contentsOf: URL(fileURLWithPath: name))
      #expect(code == error { _ = try LedgerReader(FilePath(name)) }, "\(name)")
      #expect(code == error { _ = try LedgerWriter(FilePath(name)) }, "\(name)")
      #expect(before == (try? Data(contentsOf: URL(fileURLWithPath: name))))
    }
    #expect(.io == error { _ = try LedgerReader(FilePath(shop.folder + "/missing")) })
    #expect(!FileManager.default.fileExists(atPath: shop.folder + "/missing"))
  }

  private func error(_ body: () throws -> Void) -> MediaError.Code? {
    do { try body() } catch let error as MediaError { return error.code } catch {}
    return nil
  }

  @Test func damagedLedgersGiveErrorsOrRecordsAndNothingElse() throws {
    let shop = try LedgerShop()
    var generator = SplitMix(state: 5)
    try shop.write((0..<300).map { LedgerShop.record($0, hash: generator.hash()) })
    let whole = try shop.bytes()
    for round in 0..<60 {
      var damaged = whole
      for _ in 0..<8 {
        let place = Int.random(in: 100..<damaged.count, using: &generator)
        damaged[place] = UInt8.random(in: 0...255, using: &generator)
      }
      let name = shop.folder + "/damaged\(round)"
      try damaged.write(to: URL(fileURLWithPath: name))
      do {
        let reader = try LedgerReader(FilePath(name))
        try reader.forEach(since: nil, until: nil) { _ = $0.json.text }
        _ = try reader.nearDuplicates(of: [generator.hash()])
        _ = try reader.records(payload: LedgerShop.payload(7))
      } catch { #expect(!error.message.isEmpty) }
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root writes anywhere")) func aReadOnlyFolderIsRead() throws {
    let shop = try LedgerShop()
    try shop.write([LedgerShop.record(1)])
    chmod(shop.folder, 0o555)
    defer { chmod(shop.folder, 0o755) }
    #expect(try LedgerReader(shop.path).records(payload: LedgerShop.payload(1)).count == 1)
  }

  @Test func readingChangesNothingAndNeedsNoRoom() throws {
    let shop = try LedgerShop()
    try shop.write([LedgerShop.record(1)])
    let before = try shop.bytes()
    #expect(try LedgerReader(shop.path).records(payload: LedgerShop.payload(1)).count == 1)
    #expect(try shop.bytes() == before)
    let mode = try FileManager.default.attributesOfItem(atPath: shop.path.description)[.posixPermissions]
    #expect(mode as? Int == 0o600, "it may hold who received what")
  }
}

extension LedgerShop {
  /// Runs statements with SQLite's own program.
  static func sqlite(_ file: String, _ statements: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sqlite3", file, statements]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
  }
}
