internal import MediaCore

/// PNG (ISO/IEC 15948, third edition). Edited pictures are compressed anew only around the edit.
struct PNGFormat: MediaFormat {
  let descriptor = FormatDescriptor(
    id: FormatID(rawValue: "png"), kind: .image, extensions: ["png"],
    mimeTypes: ["image/png", "image/apng"],
    capabilities: [.readMetadata, .writeMetadata, .decode, .encode],
    labelSite: "iTXt XML:com.adobe.xmp before IDAT (TC260-PG-20259A)")

  func score(_ head: [UInt8]) -> ProbeScore {
    if head.starts(with: PNGStructure.signature) { return 255 }
    // A signature damaged in transfer still says what the file was, and `open` what happened to it.
    return head.starts(with: PNGStructure.signature.prefix(4)) ? 200 : 0
  }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    try PNGFile(input, format: descriptor.id, limits: limits, scratch: scratch)
  }
}
