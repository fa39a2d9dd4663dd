internal import MediaCore

/// A sample description (ISO/IEC 14496-12, 8.5.2): how the samples that refer to it are coded.
struct SampleEntry {
  /// The whole box as stored, from its size on; `avcC` and its like are inside.
  let bytes: [UInt8]

  /// The coding: `avc1`, `mp4a`.
  var codec: BoxType { BoxType(rawValue: UInt32(truncatingIfNeeded: number(4, at: 4))) }
  /// One-based place in `dref` of where the samples are.
  var dataReference: Int { Int(number(2, at: 14)) }
  /// Size of the picture of a visual entry.
  var size: PixelSize { PixelSize(width: Int(number(2, at: 32)), height: Int(number(2, at: 34))) }
  /// Channels of an audio entry.
  var channels: Int {
    if isSecondVersion { return Int(truncatingIfNeeded: number(4, at: 48)) }
    if let audio, audio.channels > 0 { return audio.channels }
    return Int(number(2, at: 24))
  }
  /// Samples a second of an audio entry; zero where the entry cannot say (it has sixteen bits for it).
  var sampleRate: Int {
    guard isSecondVersion else { return audio?.sampleRate ?? Int(number(4, at: 32) >> 16) }
    let rate = Double(bitPattern: number(8, at: 40))
    return rate >= 0 && rate < 1e9 ? Int(rate) : 0
  }
  private var audio: AudioConfiguration? { soundConfiguration.flatMap(AudioConfiguration.init) }
  /// Bits of an audio sample as the entry says; meaningless for compressed sound.
  var bitsPerSample: Int { Int(number(2, at: 26)) }

  /// How wide a pixel is shown, of its height (`pasp`, ISO/IEC 14496-12, 12.1.4); nil where the entry does not say, or
  /// says what nobody means.
  var pixelAspect: Double? {
    guard let box = configuration("pasp", from: 86), box.count >= 8 else { return nil }
    let (across, down) = (Double(box.bigEndian(4, at: 0)), Double(box.bigEndian(4, at: 4)))
    return across > 0 && down > 0 && (0.1...10).contains(across / down) ? across / down : nil
  }

  /// Bits of a sample of the picture, from the configuration record of the codings whose record says it.
  var bitDepth: Int? {
    if let record = configuration("hvcC", from: 86), record.count > 17 { return Int(record[17] & 7) + 8 }
    if let record = configuration("av1C", from: 86), record.count > 2 {
      return record[2] & 0x40 == 0 ? 8 : record[2] & 0x20 == 0 ? 10 : 12
    }
    if let record = configuration("vpcC", from: 86), record.count > 6 { return Int(record[6] >> 4) }
    return configuration("avcC", from: 86).flatMap(Self.bitDepth(ofAVC:))
  }

  /// The content of the box `type` among those that stand behind the first `offset` bytes of the entry.
  func configuration(_ type: String, from offset: Int) -> [UInt8]? {
    Self.box(type, in: bytes, from: offset)
  }

  /// The content of the `esds` of sound: behind the fields of a sample entry, or in the `wave` behind the longer ones of
  /// QuickTime's sound description version 1.
  var soundConfiguration: [UInt8]? {
    if let esds = configuration("esds", from: 36) { return esds }
    guard number(2, at: 16) == 1 else { return nil }
    return configuration("wave", from: 52).flatMap { Self.box("esds", in: $0, from: 0) }
  }

  /// The content of ALAC's own box, where `soundConfiguration` would stand.
  var magicCookie: [UInt8]? {
    if let cookie = configuration("alac", from: 36) { return cookie }
    guard number(2, at: 16) == 1 else { return nil }
    return configuration("wave", from: 52).flatMap { Self.box("alac", in: $0, from: 0) }
  }

  /// Whether samples of several bytes have the least significant one first (QuickTime's `enda`).
  var isLittleEndian: Bool {
    guard number(2, at: 16) == 1, let wave = configuration("wave", from: 52),
      let order = Self.box("enda", in: wave, from: 0), order.count >= 2
    else { return false }
    return order[1] == 1
  }

  /// Bits of a channel and format flags of QuickTime's sound description version 2; nil for other versions.
  var plainSamples: (bits: Int, flags: Int)? {
    isSecondVersion ? (Int(number(4, at: 56)), Int(number(4, at: 60))) : nil
  }

  private static func box(_ type: String, in bytes: [UInt8], from offset: Int) -> [UInt8]? {
    var offset = offset
    while offset <= bytes.count - 8 {
      let size = Int(bytes.bigEndian(4, at: offset))
      guard size >= 8, size <= bytes.count - offset else { return nil }
      if BoxType(rawValue: UInt32(truncatingIfNeeded: bytes.bigEndian(4, at: offset + 4))) == BoxType(type) {
        return Array(bytes[offset + 8..<offset + size])
      }
      offset += size
    }
    return nil
  }

  /// QuickTime's sound description version 2, whose fields stand elsewhere.
  private var isSecondVersion: Bool { number(2, at: 16) == 2 }

  private func number(_ count: Int, at offset: Int) -> UInt64 {
    offset <= bytes.count - count ? bytes.bigEndian(count, at: offset) : 0
  }

  /// Bits of luma behind the parameter sets of an AVC configuration record (ISO/IEC 14496-15, 5.3.3.1.2), which only
  /// the high profiles have.
  private static func bitDepth(ofAVC record: [UInt8]) -> Int? {
    guard record.count > 6, [100, 110, 122, 144, 244].contains(record[1]) else { return nil }
    var offset = 5
    for mask in [UInt8(0x1F), 0xFF] {
      guard offset < record.count else { return nil }
      let count = record[offset] & mask
      offset += 1
      for _ in 0..<count {
        guard offset <= record.count - 2 else { return nil }
        offset += 2 + Int(record.bigEndian(2, at: offset))
      }
    }
    return offset <= record.count - 3 ? Int(record[offset + 1] & 7) + 8 : nil
  }

  /// All of an `stsd` box, at most as many as it says.
  static func all(in tree: BoxTree, of stsd: Int) -> [SampleEntry] {
    let content = tree.boxes[stsd].content
    guard let count = tree.number(4, at: content.lowerBound + 4, in: stsd) else { return [] }
    var entries: [SampleEntry] = []
    var offset = content.lowerBound + 8
    while UInt64(entries.count) < count, let size = tree.number(4, at: offset, in: stsd) {
      guard size >= 16, size <= UInt64(content.upperBound - offset) else { break }
      entries.append(SampleEntry(bytes: Array(tree.bytes[offset..<offset + Int(size)])))
      offset += Int(size)
    }
    return entries
  }
}
