internal import MediaCore

/// The tracks of an FLV file, at most one of each kind.
struct FLVTracks {
  private(set) var all: [MediaTrack] = []
  /// Seconds; nil where neither the script nor the last tag says.
  private(set) var duration: Double?
  /// Whether there is a picture.
  var hasVideo: Bool { all.contains { $0.kind == .video } || all.isEmpty }

  private static let audioCodecs = [
    "PCM", "ADPCM", "MP3", "PCM little endian", "Nellymoser 16 kHz", "Nellymoser 8 kHz", "Nellymoser",
    "A-law", "mu-law",
    "reserved", "AAC", "Speex", "codec 12", "codec 13", "MP3 8 kHz", "device",
  ]
  private static let videoCodecs: [Int: String] = [
    2: "H.263", 3: "Screen", 4: "VP6", 5: "VP6 alpha", 6: "Screen 2", 7: "AVC", 12: "HEVC",
  ]

  /// From the first frames and what `script` says of them.
  init(_ structure: FLVStructure, _ script: FLVScript?, in reader: HeaderReader) throws(MediaError) {
    if let seconds = script?.number("duration"), seconds.isFinite, seconds > 0 {
      duration = seconds
    } else {
      duration = try FLVStructure.lastTimestamp(in: reader).map { Double($0) / 1000 }
    }
    func whole(_ name: String) -> Int? {
      script?.number(name).flatMap { Int(exactly: $0.rounded()) }.flatMap {
        (0...1 << 31).contains($0) ? $0 : nil
      }
    }
    if let tag = structure.video, tag.length > 0 {
      let head = try reader.bytes(min(5, tag.length), at: tag.dataOffset)
      let size = PixelSize(width: whole("width") ?? 0, height: whole("height") ?? 0)
      all.append(MediaTrack(kind: .video, codec: Self.videoCodec(head), size: size))
    }
    if let tag = structure.audio, tag.length > 0 {
      let head = try reader.bytes(min(5, tag.length), at: tag.dataOffset)
      let number = Int(head[0] >> 4)
      // AAC always claims 44.1 kHz stereo here (E.4.2.1), so the script comes first.
      let rate = whole("audiosamplerate") ?? [5512, 11025, 22050, 44100][Int(head[0] >> 2 & 3)]
      let isStereo = Self.flag("stereo", script) ?? (head[0] & 1 == 1)
      all.append(
        MediaTrack(
          kind: .audio, codec: number == 9 ? Self.fourCC(head) : Self.audioCodecs[number], sampleRate: rate,
          channels: isStereo ? 2 : 1))
    }
  }

  /// The name of the codec that the first bytes of a video tag's data tell of.
  static func videoCodec(_ head: [UInt8]) -> String {
    let number = Int(head[0] & 15)
    return head[0] & 0x80 != 0 ? fourCC(head) : videoCodecs[number] ?? "codec \(number)"
  }

  private static func flag(_ name: String, _ script: FLVScript?) -> Bool? {
    guard let script, let value = script.properties.all.first(where: { $0.name == name })?.value,
      value.kind == .bool
    else { return nil }
    return script.reader.bytes[value.range.lowerBound + 1] != 0
  }

  private static func fourCC(_ head: [UInt8]) -> String {
    String(decoding: head.dropFirst().prefix(4).filter { (0x20...0x7E).contains($0) }, as: UTF8.self)
  }
}
