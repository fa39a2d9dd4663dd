/// A WAVEFORMATEX structure, the content of a `fmt ` chunk and of an audio stream's `strf`.
struct WaveFormat {
  private static let extensible = 0xFFFE
  private static let names = [
    1: "PCM", 2: "MS ADPCM", 3: "IEEE float", 6: "A-law", 7: "mu-law", 0x11: "IMA ADPCM", 0x31: "GSM 6.10",
    0x50: "MPEG", 0x55: "MPEG layer 3", 0x92: "AC-3 S/PDIF", 0xFF: "AAC", 0x160: "WMA 1", 0x161: "WMA 2",
    0x162: "WMA Professional", 0x163: "WMA Lossless",
    0x1610: "HE-AAC", 0x2000: "AC-3", 0x2001: "DTS", 0x566F: "Vorbis", 0x674F: "Vorbis",
    0xF1AC: "Free Lossless",
  ]

  /// The registered number of the coding; of WAVE_FORMAT_EXTENSIBLE, that of its subformat.
  let tag: Int
  let channels: Int
  let sampleRate: Int
  /// Average bytes a second.
  let byteRate: Int
  /// Bits of a sample that count.
  let bits: Int
  /// Bytes of the samples of all channels at one time.
  let blockBytes: Int
  /// Where the speakers stand; 0 where the structure does not say.
  let speakers: UInt32

  /// Reads the structure; nil when `bytes` are too few.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 14 else { return nil }
    func number(_ offset: Int, _ count: Int) -> Int {
      guard offset + count <= bytes.count else { return 0 }
      return bytes[offset..<offset + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let isExtensible = number(0, 2) == Self.extensible && bytes.count >= 40
    tag = isExtensible ? number(24, 2) : number(0, 2)
    channels = number(2, 2)
    sampleRate = number(4, 4)
    byteRate = number(8, 4)
    blockBytes = number(12, 2)
    speakers = isExtensible ? UInt32(truncatingIfNeeded: number(20, 4)) : 0
    let valid = isExtensible ? number(18, 2) : 0
    bits = valid > 0 ? valid : number(14, 2)
  }

  /// Whether samples stand in it as they are, as whole or as floating point numbers.
  var isPlain: Bool { tag == 1 || tag == 3 }

  /// `PCM`, or the number for codings that have no common name.
  var codec: String { Self.name(tag) }

  /// The common name of a coding, or its number.
  static func name(_ tag: Int) -> String { names[tag] ?? "0x" + String(tag, radix: 16, uppercase: true) }
}
