import MediaCore

@testable import Labels

/// Records, labels and items that the tests of metadata labels share.
enum ImplicitSamples {
  static let code = "001191110000MA0000000H10001"
  static let json =
    #"{"Label":"1","ContentProducer":"001191110000MA0000000H10001","ProduceID":"20261123-000001","ReservedCode1":"","#
    + #""ContentPropagator":"","PropagateID":"","ReservedCode2":""}"#
  static let fields: [Detection.Field] = [
    .init("Label", "1"), .init("ContentProducer", code), .init("ProduceID", "20261123-000001"),
    .init("ReservedCode1", ""), .init("ContentPropagator", ""), .init("PropagateID", ""),
    .init("ReservedCode2", ""),
  ]
  /// The provider codes of published labels, and one of a design document.
  static let realCodes = [
    "001191110102MACQD9K64010000", "001191440300708461136T1XGW3", "001191440300708461136T1308L",
    "001191440300MA5G49LC9K1YO01", "001191330106MA2CFLDG4R10001", "001191110102MAD55U9H0F10002",
    "001191310104MACE0YX63918020", "001191320118MAK93FC72D10001",
  ]

  static func xmp(
    _ value: String, namespace: String = AnnexE.namespace, prefix: String = "TC260", name: String = "AIGC",
    form: MetadataItem.Form = .element, offset: UInt64 = 20, isRegularPlace: Bool = true
  ) -> MetadataItem {
    MetadataItem(
      carrier: .xmp, namespace: namespace, name: name, value: value, form: form, offset: offset,
      path: "APP1 XMP rdf:Description/\(prefix):\(name)", prefix: prefix, isRegularPlace: isRegularPlace)
  }

  static func exif(
    _ value: String, _ name: String = "UserComment", in directory: String = "ExifIFD", isAtHome: Bool = true,
    offset: UInt64 = 40
  ) -> MetadataItem {
    MetadataItem(
      carrier: .exif, namespace: directory, name: name, value: value, form: .text, offset: offset,
      path: "APP1 Exif \(directory) \(name)", isRegularPlace: isAtHome)
  }

  static func text(
    _ value: String, _ name: String = "AIGC", chunk: String = "tEXt", isRegularPlace: Bool = true
  ) -> MetadataItem {
    MetadataItem(
      carrier: .text, namespace: chunk, name: name, value: value, form: .text, offset: 60,
      path: "\(chunk) \(name)", isRegularPlace: isRegularPlace)
  }

  static func comment(_ value: String) -> MetadataItem {
    MetadataItem(
      carrier: .comment, namespace: "COM", name: "", value: value, form: .text, offset: 80, path: "COM")
  }

  static func segment(_ value: String) -> MetadataItem {
    MetadataItem(
      carrier: .segment, namespace: "APP3", name: "", value: value, form: .raw, offset: 90, path: "APP3",
      isRegularPlace: false)
  }

  /// What a file would hold once `properties` are written.
  static func items(of properties: [MetadataProperty]) -> [MetadataItem] {
    properties.map { xmp($0.value, namespace: $0.namespace, prefix: $0.prefix, name: $0.name) }
  }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
