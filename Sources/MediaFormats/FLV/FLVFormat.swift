internal import MediaCore

/// Flash Video (Adobe FLV and F4V 10.1, Annex E).
struct FLVFormat: MediaFormat {
  let descriptor = FormatDescriptor(
    id: FormatID(rawValue: "flv"), kind: .video, extensions: ["flv"], mimeTypes: ["video/x-flv"],
    capabilities: [.readMetadata, .writeMetadata, .decode, .encode],
    labelSite: "script tag onMetaData, property AIGC (TC260-PG-20257A)")

  func score(_ head: [UInt8]) -> ProbeScore {
    guard head.starts(with: Array("FLV".utf8)), head.count >= 9 else { return 0 }
    let isPlain = head[3] == 1 && head[4] & 0xFA == 0 && head[5..<8].allSatisfy { $0 == 0 }
    return isPlain ? 255 : 100
  }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    try FLVFile(input, format: descriptor.id, limits: limits)
  }
}
