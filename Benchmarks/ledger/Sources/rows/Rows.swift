import Ledger
import MediaCore
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Writes made-up records as fast as the ledger takes them, then looks near-duplicates up:
/// `rows FILE COUNT [process]`; with `process` transactions are not synced.
@main struct Rows {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 3, let count = Int(arguments[2]), count > 0 else {
      print("usage: rows FILE COUNT [process]")
      exit(64)
    }
    let path = FilePath(arguments[1])
    var generator = SplitMix(state: 7)
    let records = (0..<count).map { record($0, &generator) }
    let writer = try LedgerWriter(path, durability: arguments.count > 3 ? .process : .full)
    let failures = Atomic<Int>(0)
    try measure("written", count) {
      for record in records {
        writer.append(record) { if $0 != nil { failures.add(1, ordering: .relaxed) } }
      }
      try writer.finish()
    }
    print("\(failures.load(ordering: .relaxed)) failures")
    let reader = try LedgerReader(path)
    let probes = records.suffix(50).compactMap {
      $0.perceptualHash.map { turned($0, bits: 31) }
    }
    var found = 0
    try measure("near-duplicates looked up", probes.count) {
      for probe in probes { found += try reader.nearDuplicates(of: [probe]).count }
    }
    print("\(found) of \(probes.count) found")
  }

  private static func measure(_ what: String, _ count: Int, _ body: () throws -> Void) rethrows {
    let (cpu, start) = (clock(), ContinuousClock.now)
    try body()
    let took = ContinuousClock.now - start
    let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
    let busy = Double(clock() - cpu) / Double(CLOCKS_PER_SEC)
    print(
      "\(count) \(what): \(Int(Double(count) / busy)) a CPU second (\(Int(busy / Double(count) * 1e6)) µs each), "
        + "\(Int(Double(count) / seconds)) a second of the clock")
  }

  private static func turned(_ hash: PerceptualHash, bits: Int) -> PerceptualHash {
    var words = hash.words
    for bit in 0..<bits { words[bit % 4] ^= 1 << UInt64(bit * 2) }
    return PerceptualHash(words: words)
  }

  private static func record(_ index: Int, _ generator: inout SplitMix) -> LedgerRecord {
    func hex(_ words: Int) -> String {
      (0..<words).map { _ in
        let digits = String(generator.next(), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
      }.joined()
    }
    let id = "01" + hex(2).uppercased().prefix(24)
    var record = LedgerRecord(
      time: Timestamp(milliseconds: 1_795_000_000_000 + Int64(index)), produceID: id,
      producer: "001191110000MA0000000H10001", outputDigest: hex(4), input: FilePath("/srv/in/\(index).png"),
      output: FilePath("/srv/out/\(index).png"), format: FormatID(rawValue: "png"), media: .image)
    record.inputDigest = hex(4)
    record.payload = hex(1)
    record.perceptualHash = PerceptualHash(
      words: SIMD4(generator.next(), generator.next(), generator.next(), generator.next()))
    record.metadata =
      #"{"Label":"1","ContentProducer":"001191110000MA0000000H10001","ProduceID":"\#(id)","ReservedCode1":"","#
      + #""ContentPropagator":"","PropagateID":"","ReservedCode2":""}"#
    record.explicit = #"{"text":"AI生成","height":52,"box":[822,950,180,60],"position":"bottom-right"}"#
    record.layers = ["explicit", "metadata", "watermark", "iptc"].map(LabelID.init(rawValue:))
    record.check = "metadata"
    record.size = PixelSize(width: 1024, height: 1024)
    return record
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
}
