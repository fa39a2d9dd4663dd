internal import MediaCore

struct JPEGFormat: MediaFormat {
  let descriptor = FormatDescriptor(
    id: FormatID(rawValue: "jpeg"), kind: .image, extensions: ["jpeg"], mimeTypes: ["image/jpeg"],
    capabilities: [.readMetadata, .writeMetadata, .decode, .encode], labelSite: "")

  func score(_ head: [UInt8]) -> ProbeScore { 0 }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    throw MediaError(.unsupported, .probe, "jpeg is not read yet")
  }
}
