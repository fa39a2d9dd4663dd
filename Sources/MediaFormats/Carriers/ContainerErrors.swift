internal import MediaCore

extension MediaError {
  /// The samples of an audio or video container are carried, not decoded.
  static func framesNotDecoded(_ format: FormatID) -> MediaError {
    MediaError(.unsupported, .decode, "frames of \(format) files are not decoded by this build")
  }

  /// A container for which no rule names the place of a label.
  static func readOnly(_ format: FormatID, convertTo remedy: String) -> MediaError {
    MediaError(
      .unsupported, .metadata,
      "no rule says where a label stands in \(format) files; convert to \(remedy), which has a place for it")
  }

  /// An item to take away that is not where it was said to be.
  static func unknownSite(_ item: MetadataItem) -> MediaError {
    MediaError(
      .invalidArgument, .metadata,
      "no metadata that can be edited at offset \(item.offset) to take '\(item.name)' (\(item.path)) from")
  }

  /// A site that cannot be taken apart.
  static func signedStore(_ path: String) -> MediaError {
    MediaError(.unsupported, .metadata, "\(path) holds a signed C2PA store, which is not taken apart")
  }
}
