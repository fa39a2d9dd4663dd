internal import MediaCore

/// AVI 1.0 and OpenDML (AVI 2.0), whose further segments are RIFF forms of type AVIX.
struct AVIFormat: MediaFormat {
  let descriptor = FormatDescriptor(
    id: FormatID(rawValue: "avi"), kind: .video, extensions: ["avi"],
    mimeTypes: ["video/x-msvideo", "video/avi", "video/vnd.avi"],
    capabilities: [.readMetadata, .writeMetadata, .decode, .encode],
    labelSite: "LIST INFO chunk AIGC (TC260-PG-20257A)")

  func score(_ head: [UInt8]) -> ProbeScore {
    guard head.count >= 12, head.starts(with: Array("RIFF".utf8)) else { return 0 }
    return head[8..<12].elementsEqual("AVI ".utf8) ? 255 : 0
  }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    try AVIFile(HeaderReader(input), format: descriptor.id, limits: limits)
  }
}
