internal import MediaCore

extension MediaError {
  /// What a container throws whose samples are only ever copied.
  static func framesNotDecoded(_ format: FormatID) -> MediaError {
    MediaError(
      .unsupported, .decode, "the frames of '\(format)' are not decoded here; only its metadata is labelled")
  }
}
