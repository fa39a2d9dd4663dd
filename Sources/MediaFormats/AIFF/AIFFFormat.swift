internal import MediaCore

/// AIFF and AIFF-C: no rule names a place for a label in them.
struct AIFFFormat: MediaFormat {
  static let targets: [RemuxTarget] = [.wave]

  let descriptor = FormatDescriptor(
    id: FormatID(rawValue: "aiff"), kind: .audio, extensions: ["aiff", "aif", "aifc"],
    mimeTypes: ["audio/aiff", "audio/x-aiff"], capabilities: [.readMetadata, .decode],
    labelSite: "none specified: `--remux` gives WAV; text and ID3 chunks are read",
    remuxExtensions: Self.targets.fileExtensions)

  func score(_ head: [UInt8]) -> ProbeScore {
    guard head.count >= 12, head.starts(with: Array("FORM".utf8)) else { return 0 }
    let type = String(decoding: head[8..<12], as: UTF8.self)
    return type == "AIFF" || type == "AIFC" ? 255 : 0
  }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    try AIFFFile(HeaderReader(input), format: descriptor.id, limits: limits)
  }
}

extension MetadataCarrier {
  /// A text chunk of an AIFF file.
  static let aiff = MetadataCarrier(rawValue: "aiff-chunk")
}
