internal import MediaCore

/// An Exif block (CIPA DC-008): a TIFF structure in JPEG APP1, PNG eXIf and others, without the `Exif\0\0` prefix.
enum ExifBlock {
  /// The textual tags of a block that labels and traces may stand in, one item each; damage is skipped, never
  /// thrown. `offset` and `path` tell the carrier's place in the file.
  static func items(in tiff: [UInt8], offset: UInt64, path: String, limits: Limits) -> [MetadataItem] { [] }

  /// The orientation tag of IFD0; nil when absent or outside 1 … 8.
  static func orientation(in tiff: [UInt8]) -> Orientation? { nil }

  /// `tiff` with the values of `items` blanked in place: same length, every other offset valid.
  static func blanking(_ items: [MetadataItem], in tiff: [UInt8]) -> [UInt8] { tiff }
}
