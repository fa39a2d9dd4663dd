internal import MediaCore

/// The head of a frame of AC-3 (ATSC A/52, 5.3.1 and 5.3.2) or E-AC-3 (A/52 annex E, 1.2.2).
struct AC3Header {
  /// What decoders take for the start of another stream where it differs.
  struct Form: Equatable {
    /// Of AC-3 sampling rate and bit rate, without the bit by which frames of 44.1 kHz differ in length; of E-AC-3 the
    /// sampling rate and the number of blocks.
    var rate: UInt32
    var mode: UInt32
    var hasLowFrequency: UInt32
  }

  private(set) var form: Form
  /// What the encoder is to be told for it to write the same.
  private(set) var options: [String] = []

  private static let bitRates = [
    32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
  ]
  /// The highest `bsid` of AC-3, and the one of E-AC-3.
  private static let versions = (basic: 8, enhanced: 16)
  /// Bytes that no head is longer than.
  private static let most = 192

  /// Throws `unsupported` for a form that the encoder does not make, or with parts that it would leave out.
  init(_ frame: [UInt8]) throws(MediaError) {
    var bits = BitReader(Array(frame.prefix(Self.most)))
    var version = bits
    guard bits.bits(16) == 0x0B77, version.bits(32) != nil, version.bits(8) != nil,
      let stream = version.bits(5)
    else { throw Self.damaged(frame) }
    form = Form(rate: 0, mode: 0, hasLowFrequency: 0)
    let isWhole =
      switch Int(stream) {
      case ...Self.versions.basic: readBasic(&bits)
      case Self.versions.enhanced: try readEnhanced(&bits, length: frame.count)
      default:
        throw MediaError(
          .unsupported, .encode, "AC-3 of version \(stream), at half of the rates, is not coded anew")
      }
    guard isWhole else { throw Self.damaged(frame) }
  }

  private static func damaged(_ frame: [UInt8]) -> MediaError {
    MediaError(.malformed, .decode, "a packet of \(frame.count) bytes is no AC-3 frame")
  }

  /// False where the bits do not suffice.
  private mutating func readBasic(_ bits: inout BitReader) -> Bool {
    guard bits.bits(16) != nil, let rate = bits.bits(8), bits.bits(8) != nil, let mode = bits.bits(3),
      Int(rate & 0x3F) / 2 < Self.bitRates.count
    else { return false }
    options = ["b=\(Self.bitRates[Int(rate & 0x3F) / 2] * 1000)"]
    if mode & 1 == 1, mode != 1, let level = bits.bits(2) {
      options.append("center_mixlev=\(["0.707", "0.595", "0.5", "0.595"][Int(level)])")
    }
    if mode & 4 != 0, let level = bits.bits(2) {
      options.append("surround_mixlev=\(["0.707", "0.5", "0", "0.5"][Int(level)])")
    }
    if mode == 2, let surround = bits.bits(2) { options.append("dsur_mode=\(min(surround, 2))") }
    guard let lowFrequency = bits.bits(1), let level = bits.bits(5) else { return false }
    options.append(Self.dialogue(level))
    form = Form(rate: rate & 0xFE, mode: mode, hasLowFrequency: lowFrequency)
    return true
  }

  private static func dialogue(_ level: UInt32) -> String { "dialnorm=-\(level == 0 ? 31 : level)" }

  /// False where the bits do not suffice. A frame of `length` bytes is to be all of its packet.
  private mutating func readEnhanced(_ bits: inout BitReader, length: Int) throws(MediaError) -> Bool {
    guard let type = bits.bits(2), let substream = bits.bits(3), let words = bits.bits(11),
      let rate = bits.bits(2), let blocks = bits.bits(2), let mode = bits.bits(3),
      let lowFrequency = bits.bits(1), bits.bits(5) != nil, let level = bits.bits(5)
    else { return false }
    guard type == 0, substream == 0, Int(words + 1) * 2 == length, rate < 3, blocks == 3, mode > 0 else {
      throw MediaError(
        .unsupported, .encode,
        "E-AC-3 of several streams a packet, of two programmes, of short frames or at half of the rates is not coded anew"
      )
    }
    // The least rate at which the frame is as long.
    let samples = [48000, 44100, 32000][Int(rate)]
    options = ["b=\(((Int(words) + 1) * samples + 1535) / 1536 * 16)", Self.dialogue(level)]
    form = Form(rate: rate << 2 | blocks, mode: mode, hasLowFrequency: lowFrequency)
    var rest = EnhancedInformation(mode: mode, hasLowFrequency: lowFrequency == 1)
    guard rest.read(&bits) else { return false }
    guard !rest.hasAddition else {
      throw MediaError(
        .unsupported, .encode,
        "the E-AC-3 carries more than channels, as object audio (Atmos) does, which the encoder would leave out"
      )
    }
    options += rest.options
    return true
  }
}

/// What stands in the head of an independent E-AC-3 frame of six blocks behind the dialogue level (A/52 annex E, table E1.2).
private struct EnhancedInformation {
  let mode: UInt32
  let hasLowFrequency: Bool
  private(set) var options: [String] = []
  /// Whether `addbsi` is there.
  private(set) var hasAddition = false

  init(mode: UInt32, hasLowFrequency: Bool) {
    self.mode = mode
    self.hasLowFrequency = hasLowFrequency
  }

  private static let levels = ["1.414", "1.189", "1", "0.841", "0.707", "0.595", "0.5", "0"]

  /// False where the bits do not suffice.
  mutating func read(_ bits: inout BitReader) -> Bool {
    guard Self.skip(8, &bits), let mixes = bits.bits(1), mixes == 0 || readMixing(&bits),
      let informs = bits.bits(1), informs == 0 || readProgramme(&bits), let adds = bits.bits(1)
    else { return false }
    hasAddition = adds == 1
    return true
  }

  /// Passes over `count` bits that are there where the bit in front of them is set.
  private static func skip(_ count: Int, _ bits: inout BitReader) -> Bool {
    bits.bits(1).map { $0 == 0 || bits.bits(count) != nil } ?? false
  }

  private mutating func readMixing(_ bits: inout BitReader) -> Bool {
    if mode > 2, let way = bits.bits(2) { options.append("dmix_mode=\(way)") }
    if mode & 1 == 1, mode > 2 { addLevels("cmixlev", &bits) }
    // Levels above 0.841 are reserved for the surround channels.
    if mode & 4 != 0 { addLevels("surmixlev", &bits, least: 3) }
    guard !hasLowFrequency || Self.skip(5, &bits), Self.skip(6, &bits), Self.skip(6, &bits),
      let definition = bits.bits(2)
    else { return false }
    switch definition {
    case 1: guard bits.bits(5) != nil else { return false }
    case 2: guard bits.bits(12) != nil else { return false }
    case 3:
      guard let length = bits.bits(5) else { return false }
      for _ in 0..<length + 2 { guard bits.bits(8) != nil else { return false } }
    default: break
    }
    if mode < 2, !Self.skip(14, &bits) { return false }
    guard let configures = bits.bits(1) else { return false }
    guard configures == 1 else { return true }
    return (0..<6).allSatisfy { _ in Self.skip(5, &bits) }
  }

  private mutating func addLevels(_ name: String, _ bits: inout BitReader, least: Int = 0) {
    for way in ["ltrt", "loro"] {
      guard let level = bits.bits(3) else { return }
      options.append("\(way)_\(name)=\(Self.levels[max(least, Int(level))])")
    }
  }

  private mutating func readProgramme(_ bits: inout BitReader) -> Bool {
    guard bits.bits(3) != nil, let copyright = bits.bits(1), let original = bits.bits(1) else { return false }
    options += ["copyright=\(copyright)", "original=\(original)"]
    if mode == 2 {
      guard let surround = bits.bits(2), let headphones = bits.bits(2) else { return false }
      options += ["dsur_mode=\(min(surround, 2))", "dheadphone_mode=\(min(headphones, 2))"]
    }
    if mode >= 6 {
      guard let extended = bits.bits(2) else { return false }
      options.append("dsurex_mode=\(extended)")
    }
    // The source's sampling rate had been twice as high.
    return Self.skip(8, &bits) && bits.bits(1) != nil
  }
}
