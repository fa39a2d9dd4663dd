internal import MediaCore

/// JPEG (ITU-T T.81) as JFIF, Exif or Adobe write it. Pictures are edited as DCT coefficients: blocks that no label
/// touches stay bit-identical.
struct JPEGFormat: MediaFormat {
  let descriptor = FormatDescriptor(
    id: FormatID(rawValue: "jpeg"), kind: .image, extensions: ["jpg", "jpeg", "jpe", "jfif"],
    mimeTypes: ["image/jpeg"], capabilities: [.readMetadata, .writeMetadata, .decode, .encode],
    labelSite: "APP1 XMP before SOS (TC260-PG-20259A)")

  func score(_ head: [UInt8]) -> ProbeScore {
    guard head.starts(with: [0xFF, 0xD8, 0xFF]) else { return 0 }
    // SOI and a marker that may follow it; three bytes alone are too few to be sure.
    return head.count > 3 && head[3] >= 0xC0 ? 250 : 120
  }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    try JPEGFile(input, format: descriptor.id, limits: limits, scratch: scratch)
  }
}
