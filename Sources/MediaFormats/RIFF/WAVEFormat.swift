internal import MediaCore

/// WAVE in RIFF, and in its 64-bit forms RF64 (EBU Tech 3306) and BW64 (ITU-R BS.2088).
struct WAVEFormat: MediaFormat {
  let descriptor = FormatDescriptor(
    id: FormatID(rawValue: "wav"), kind: .audio, extensions: ["wav", "wave", "rf64", "bw64", "bwf"],
    mimeTypes: ["audio/vnd.wave", "audio/wav", "audio/x-wav"],
    capabilities: [.readMetadata, .writeMetadata, .decode, .encode],
    labelSite: "chunk AIGC behind fmt (TC260-PG-202510A)")

  func score(_ head: [UInt8]) -> ProbeScore {
    guard head.count >= 12 else { return 0 }
    let isForm = WAVEStructure.forms.contains { head.starts(with: $0.utf8) }
    return isForm && head[8..<12].elementsEqual("WAVE".utf8) ? 255 : 0
  }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    try WAVEFile(HeaderReader(input), format: descriptor.id, limits: limits)
  }
}
