internal import MediaCore

/// AAC as a stream of ADTS frames (ISO/IEC 13818-7 6.2): no rule names a place for a label in it.
struct ADTSFormat: MediaFormat {
  static let targets: [RemuxTarget] = [.sound]

  let descriptor = FormatDescriptor(
    id: FormatID(rawValue: "adts"), kind: .audio, extensions: ["aac"], mimeTypes: ["audio/aac"],
    capabilities: [.readMetadata, .decode],
    labelSite: "none specified: `--remux` gives M4A; ID3 and APE tags are read",
    remuxExtensions: Self.targets.fileExtensions)

  func score(_ head: [UInt8]) -> ProbeScore {
    let start = LeadingID3.end(in: head)
    guard start < head.count else { return 0 }
    let count = ADTSHeader.count(in: head, at: start)
    if count > 1 { return start > 0 ? 245 : 210 }
    return count == 1 && start + ADTSHeader.length < head.count ? 30 : 0
  }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    try ADTSFile(HeaderReader(input), format: descriptor.id, limits: limits)
  }
}

/// The fixed part and the length in front of an ADTS frame.
struct ADTSHeader {
  static let length = 7
  private static let rates = [
    96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
  ]
  private static let layouts = [0, 1, 2, 3, 4, 5, 6, 8]

  /// MPEG-4 audio object type.
  let objectType: Int
  let sampleRate: Int
  /// Zero where the frame's own elements say.
  let channels: Int
  /// Bytes of the frame with its header.
  let frameLength: Int

  /// The header in the first seven of `bytes`; nil for what is none.
  init?(_ bytes: ArraySlice<UInt8>) {
    guard bytes.count >= Self.length else { return nil }
    let word = bytes.bigEndian32
    let tail = bytes.dropFirst(3).bigEndian32
    let rate = Int(word >> 10 & 15)
    frameLength = Int(tail >> 13 & 0x1FFF)
    // Sync and a layer of zero: what tells it from MPEG audio.
    guard word >> 20 == 0xFFF, word >> 17 & 3 == 0, rate < Self.rates.count, frameLength >= Self.length else {
      return nil
    }
    objectType = Int(word >> 14 & 3) + 1
    sampleRate = Self.rates[rate]
    channels = Self.layouts[Int(word >> 6 & 7)]
  }

  /// How many headers follow one another in `bytes` from `offset` on, at most three.
  static func count(in bytes: [UInt8], at offset: Int) -> Int {
    var (count, next) = (0, offset)
    var last: ADTSHeader?
    while count < 3, next < bytes.count, let header = ADTSHeader(bytes[next...]),
      last.map({ $0.sampleRate == header.sampleRate && $0.objectType == header.objectType }) ?? true
    {
      count += 1
      last = header
      next += header.frameLength
    }
    return count
  }
}
