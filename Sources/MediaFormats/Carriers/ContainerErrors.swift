internal import MediaCore

extension MediaError {
  /// What a container throws that is labelled in its metadata only.
  static func framesNotDecoded(_ format: FormatID) -> MediaError {
    MediaError(
      .unsupported, .decode,
      "frames of \(format) are not decoded in this step; label its metadata, or label the frames before they are put "
        + "into the container")
  }

  /// What a container throws that no guide gives a place for the label.
  static func noCarrier(_ name: String, remedy: String) -> MediaError {
    MediaError(.unsupported, .metadata, "\(name) has no carrier for the label; \(remedy) first")
  }

  /// More `what` than are read.
  static func tooMany(_ what: String, _ limit: Int) -> MediaError {
    MediaError(.limitExceeded, .metadata, "more than \(limit) \(what) in one file")
  }
}
