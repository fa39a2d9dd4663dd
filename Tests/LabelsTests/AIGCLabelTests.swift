import Labels
import MediaCore
import Testing

@Suite struct AIGCLabelTests {
  private let label = AIGCMetadataLabel()

  @Test(arguments: AIGCVariant.all) func everyVariantIsReadAtItsSite(_ variant: AIGCVariant) {
    let found = label.detect(in: variant.items)
    #expect(found.count == 1)
    guard let detection = found.first else { return }
    for (name, value) in variant.fields { #expect(detection[name] == value, "\(name)") }
    #expect(Set(detection.findings.map(\.code)) == variant.findings, "\(detection.findings)")
    #expect(AIGCMetadataLabel.isStatement(detection) == variant.isStatement)
    #expect(detection.site == variant.items.first)
  }

  static let strangers: [MetadataItem] = [
    AIGCVariant.exif("A talk about AIGC and its labels"), AIGCVariant.exif("{\"name\":\"AIGC\"}"),
    AIGCVariant.text("{\"nodes\":[],\"class_type\":\"x\"}", key: "workflow"),
    AIGCVariant.text("no", key: "AIGC"), AIGCVariant.other(.comment, "Lavc59.37.100", "COM"),
    AIGCVariant.xmp("Photo", name: "title", namespace: "http://purl.org/dc/elements/1.1/", prefix: "dc"),
    AIGCVariant.xmp("1", name: "Label", namespace: "http://ns.adobe.com/xap/1.0/", prefix: "xmp"),
  ]

  @Test(arguments: strangers) func whatIsNoLabelIsNotRead(_ item: MetadataItem) {
    #expect(label.detect(in: [item]).isEmpty)
  }

  @Test func recordsComeBackAsWritten() throws {
    var random = Seeded(state: 11)
    let alphabet = (0x21...0x7E).filter { $0 != 0x22 && $0 != 0x5C }.compactMap(Unicode.Scalar.init)
    for _ in 0..<300 {
      func word(_ quotes: Bool = false) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 1...40, using: &random) {
          let isQuote = quotes && Int.random(in: 0..<9, using: &random) == 0
          text.unicodeScalars.append(isQuote ? "\"" : alphabet.randomElement(using: &random) ?? "x")
        }
        return text
      }
      let record = LabelRecord(
        label: ["1", "2", "3"].randomElement(using: &random) ?? "1", producer: word(), produceID: word(),
        reservedCode1: word(true), propagator: word(), propagateID: word(), reservedCode2: word(true))
      let property = try #require(try label.properties(for: record).first)
      #expect(!property.value.contains(" "))
      let found = label.detect(in: [
        MetadataItem(
          carrier: .xmp, namespace: property.namespace, name: property.name, value: property.value,
          form: .element, offset: 0, path: "")
      ])
      let values = [
        record.label, record.producer, record.produceID, record.reservedCode1, record.propagator,
        record.propagateID, record.reservedCode2,
      ]
      #expect(found.first?.fields.map(\.name) == AIGCMetadataLabel.keys)
      #expect(found.first?.fields.map(\.value) == values)
      #expect(found.first?.findings.allSatisfy { $0.severity == .info } == true)
    }
  }

  @Test func theValueIsTheStandardsToTheByte() throws {
    let record = LabelRecord(producer: AIGCVariant.producer, produceID: "20261123-000001")
    #expect(try label.properties(for: record).map(\.value) == [AIGCVariant.json])
    #expect(AIGCVariant.json.utf8.count == 0xA9)
  }

  @Test func recordsAgainstAClauseAreRefused() {
    let good = LabelRecord(producer: "p", produceID: "n")
    let wrong: [(String, (inout LabelRecord) -> Void)] = [
      ("annex E j)", { $0.producer = "某公司" }), ("annex E j)", { $0.producer = "a b" }),
      ("U+005C", { $0.produceID = "a\\b" }), ("U+0022", { $0.produceID = "a\"b" }),
      ("annex E d", { $0.producer = "" }), ("annex E e", { $0.produceID = "" }),
      ("annex E c", { $0.label = "4" }), ("annex E g", { $0.label = "2" }),
      ("check digit", { $0.producer = "001191110000MA0000000J10001" }),
      ("position 5", { $0.producer = "0011I91110000MA0000000H1000" }),
      ("2048", { $0.reservedCode1 = String(repeating: "x", count: 2049) }),
    ]
    for (words, change) in wrong {
      var record = good
      change(&record)
      do {
        _ = try label.properties(for: record)
        Issue.record("accepted: \(words)")
      } catch {
        #expect(error.code == .invalidArgument)
        #expect(error.message.contains(words), "\(error)")
      }
    }
  }

  @Test func injuredValuesNeverTrap() {
    var random = Seeded(state: 5)
    for round in 0..<5000 {
      let variant = AIGCVariant.all[round % AIGCVariant.all.count]
      let items = variant.items.map { item in
        var bytes = Array(item.value.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
          let index = Int.random(in: 0..<bytes.count, using: &random)
          switch Int.random(in: 0..<3, using: &random) {
          case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
          case 1: bytes.removeSubrange(index...)
          default: bytes.insert(contentsOf: Array("{\"[,:\\".utf8).shuffled(using: &random), at: index)
          }
        }
        return MetadataItem(
          carrier: item.carrier, namespace: item.namespace, name: item.name,
          value: String(decoding: bytes, as: UTF8.self), form: item.form, offset: item.offset, path: item.path
        )
      }
      #expect(label.detect(in: items).count <= items.count)
    }
  }
}

@Suite struct ProviderCodeTests {
  @Test(arguments: [
    "001191110102MACQD9K64010000", "001191440300708461136T1XGW3", "001191440300708461136T1308L",
    "001191440300MA5G49LC9K1YO01", "001191330106MA2CFLDG4R10001", "001191110102MAD55U9H0F10002",
    "001191310104MACE0YX63918020", "001191320118MAK93FC72D10001",
  ])
  func publishedCodesHold(_ code: String) {
    #expect(ProviderCode.looksLikeCode(code))
    #expect(ProviderCode.defect(of: code) == nil)
    // Any other digit of the credit code breaks its check digit.
    for index in 4..<22 {
      var bytes = Array(code.utf8)
      bytes[index] = bytes[index] == UInt8(ascii: "7") ? UInt8(ascii: "8") : UInt8(ascii: "7")
      #expect(ProviderCode.defect(of: String(decoding: bytes, as: UTF8.self)) != nil)
    }
  }

  @Test func namesAreNoCodes() {
    for name in ["doubao", "91110108MACC4D63XF", "abcdefghijklmnopqrstuvwxyz0", ""] {
      #expect(!ProviderCode.looksLikeCode(name))
      #expect(AIGCMetadataLabel.note(onProducer: name) != nil)
    }
    #expect(ProviderCode.defect(of: "001191110102macqd9k64010000") != nil)
  }
}

@Suite struct ProduceIDTests {
  @Test func numbersSortByTimeAndNeverRepeat() {
    var generator = ProduceIDs()
    var random = Seeded(state: 3)
    var last = ""
    for round in 0..<20_000 {
      // The clock stands still for a while, and once goes back.
      let time = round == 10_000 ? 5 : Int64(1_700_000_000_000 + round / 7)
      let next = generator.next(milliseconds: time, using: &random)
      #expect(next.utf8.count == 26)
      #expect(next > last)
      last = next
    }
  }

  @Test func theTimeIsInFront() {
    var generator = ProduceIDs()
    #expect(generator.next(milliseconds: 1_469_918_176_385).hasPrefix("01ARYZ6S41"))
  }
}

/// A small seeded generator.
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
