import Foundation
import Ledger
import MediaCore
import Synchronization

/// A folder with a ledger of a test's own, removed when the value goes.
final class LedgerShop {
  let folder: String
  var path: FilePath { FilePath(folder + "/ledger.sqlite") }

  init() throws {
    folder = NSTemporaryDirectory() + "touchmark-ledger-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func bytes(_ name: String = "ledger.sqlite") throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
  }

  /// Writes `records` and returns what their completions were told.
  @discardableResult func write(_ records: [LedgerRecord]) throws -> [MediaError] {
    let writer = try LedgerWriter(path)
    let told = Told()
    for record in records { writer.append(record) { told.add($0) } }
    try writer.finish()
    return told.errors
  }

  func all() throws -> [LedgerRecord] {
    var records: [LedgerRecord] = []
    try LedgerReader(path).forEach(since: nil, until: nil) { records.append($0) }
    return records
  }

  static func digest(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 64 - digits.count) + digits
  }

  static func payload(_ bits: UInt64) -> String {
    let digits = String(bits, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// A record that differs from those of other numbers in all that is looked up.
  static func record(_ number: Int, hash: PerceptualHash? = nil) -> LedgerRecord {
    var record = LedgerRecord(
      time: Timestamp(milliseconds: 1_790_000_000_000 + Int64(number)), produceID: "ID\(number)",
      producer: "P", outputDigest: digest(number), input: FilePath("/in/\(number)"),
      output: FilePath("/out/\(number)"), format: FormatID(rawValue: "x"), media: .image)
    record.payload = payload(UInt64(number))
    record.inputDigest = digest(number + 1_000_000)
    record.perceptualHash = hash
    record.layers = [LabelID(rawValue: "a"), LabelID(rawValue: "b")]
    record.metadata = #"{"Label":"1"}"#
    record.explicit = #"{"text":"t"}"#
    record.model = "m 1"
    record.check = "full"
    record.size = PixelSize(width: 3, height: 4)
    return record
  }
}

/// What completions were told, from whatever thread.
final class Told: Sendable {
  private let state = Mutex<(count: Int, errors: [MediaError])>((0, []))
  var count: Int { state.withLock { $0.count } }
  var errors: [MediaError] { state.withLock { $0.errors } }

  func add(_ error: MediaError?) {
    state.withLock { state in
      state.count += 1
      if let error { state.errors.append(error) }
    }
  }
}

/// A small seeded generator.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func hash() -> PerceptualHash {
    PerceptualHash(words: SIMD4(next(), next(), next(), next()))
  }
}
