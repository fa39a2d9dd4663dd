internal import MediaCore

/// Ogg (RFC 3533) with Vorbis, FLAC, Speex or Theora in it.
struct OggFormat: MediaFormat {
  let descriptor = FormatDescriptor(
    id: FormatID(rawValue: "ogg"), kind: .audio, extensions: ["ogg", "oga", "ogv", "spx"],
    mimeTypes: ["audio/ogg", "video/ogg", "application/ogg"],
    capabilities: [.readMetadata, .writeMetadata, .decode, .encode],
    labelSite: "comment header, comment AIGC (TC260-PG-202510A)")

  func score(_ head: [UInt8]) -> ProbeScore { OggProbe.isOgg(head) ? 240 : 0 }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    try OggFile(input, format: descriptor.id, limits: limits)
  }
}

/// Opus in Ogg (RFC 7845).
struct OggOpusFormat: MediaFormat {
  let descriptor = FormatDescriptor(
    id: FormatID(rawValue: "opus"), kind: .audio, extensions: ["opus"], mimeTypes: ["audio/ogg; codecs=opus"],
    capabilities: [.readMetadata, .writeMetadata, .decode, .encode],
    labelSite: "OpusTags, comment AIGC (TC260-PG-202510A)")

  func score(_ head: [UInt8]) -> ProbeScore {
    OggProbe.isOgg(head) && OggProbe.firstPacket(head).starts(with: OggCodec.Kind.opus.mark) ? 255 : 0
  }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    try OggFile(input, format: descriptor.id, limits: limits)
  }
}

/// What the first page shows.
enum OggProbe {
  static func isOgg(_ head: [UInt8]) -> Bool {
    head.count > OggPage.headerLength && head.starts(with: OggPage.mark) && head[4] == 0
  }

  static func firstPacket(_ head: [UInt8]) -> ArraySlice<UInt8> {
    head.dropFirst(OggPage.headerLength + Int(head[26]))
  }
}
