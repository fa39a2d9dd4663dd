internal import MediaCore

/// What people call codings of sound, for messages; containers have codes of four letters, numbers or their own words for them.
enum SoundName {
  private static let names: [String: String] = [
    "vorbis": "Vorbis", "A_VORBIS": "Vorbis", "ec-3": "E-AC-3", "eac3": "E-AC-3", "ac3": "AC-3",
    "ac-4": "AC-4",
    "dts": "DTS", "dtsc": "DTS", "dtsh": "DTS-HD", "dtsl": "DTS-HD", "dtse": "DTS Express",
    "truehd": "TrueHD",
    "mlpa": "TrueHD", "mp2": "MPEG layer II", ".mp2": "MPEG layer II", "A_MPEG/L1": "MPEG layer I",
    "samr": "AMR", "sawb": "AMR-WB", "ima4": "IMA ADPCM", "agsm": "GSM 6.10", "QDM2": "QDesign Music",
    "QDMC": "QDesign Music", "Qclp": "QCELP", "spex": "Speex", "A_WAVPACK4": "WavPack",
    "A_TTA1": "True Audio",
    "mha1": "MPEG-H", "mhm1": "MPEG-H", "alac": "ALAC", "aac": "AAC",
  ]
  /// MPEG-4 object types (ISO/IEC 14496-1, table 5, and the registration authority's).
  private static let objects: [UInt8: String] = [
    0x40: "AAC", 0x66: "AAC", 0x67: "AAC-LC", 0x68: "AAC", 0x69: "MP3", 0x6B: "MP3", 0xA5: "AC-3",
    0xA6: "E-AC-3", 0xA9: "DTS", 0xAD: "Opus", 0xDD: "Vorbis", 0xE1: "QCELP",
  ]
  /// The head of a code of QuickTime that ends with the number of a WAVE coding.
  private static let wavePrefix = Array("ms".utf8)

  /// `code` as a container or libavcodec has it, by its name where it has one; else the code without what cannot be printed.
  static func of(_ code: String) -> String {
    if let name = names[code] { return name }
    let bytes = code.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    if bytes.count == 4, bytes.starts(with: wavePrefix) {
      return WaveFormat.name(Int(bytes[2]) << 8 | Int(bytes[3]))
    }
    guard bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      return "code 0x" + bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
    return "'\(code)'"
  }

  /// The coding of a sample entry, by the object type where that tells.
  static func of(_ entry: SampleEntry) -> String {
    guard let esds = entry.soundConfiguration else { return of(entry.codec.description) }
    let type = ISOVideoTrack.stream(esds).type
    return objects[type] ?? "MPEG-4 object type 0x\(String(type, radix: 16))"
  }
}
