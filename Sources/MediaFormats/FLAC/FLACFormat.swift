internal import MediaCore

/// FLAC in its own stream (RFC 9639).
struct FLACFormat: MediaFormat {
  static let mark = Array("fLaC".utf8)

  let descriptor = FormatDescriptor(
    id: FormatID(rawValue: "flac"), kind: .audio, extensions: ["flac"], mimeTypes: ["audio/flac"],
    capabilities: [.readMetadata, .writeMetadata, .decode, .encode],
    labelSite: "VORBIS_COMMENT block, comment AIGC (TC260-PG-202510A)")

  func score(_ head: [UInt8]) -> ProbeScore {
    let start = LeadingID3.end(in: head)
    guard start + 4 <= head.count, head[start...].starts(with: Self.mark) else { return 0 }
    return start > 0 ? 250 : 255
  }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    try FLACFile(HeaderReader(input), format: descriptor.id, limits: limits)
  }
}
