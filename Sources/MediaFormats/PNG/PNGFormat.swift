internal import MediaCore

struct PNGFormat: MediaFormat {
  let descriptor = FormatDescriptor(
    id: FormatID(rawValue: "png"), kind: .image, extensions: ["png"], mimeTypes: ["image/png"],
    capabilities: [.readMetadata, .writeMetadata, .decode, .encode], labelSite: "")

  func score(_ head: [UInt8]) -> ProbeScore { 0 }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    throw MediaError(.unsupported, .probe, "png is not read yet")
  }
}
