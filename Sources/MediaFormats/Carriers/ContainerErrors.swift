internal import MediaCore

extension MediaError {
  /// What a container throws whose samples are only ever copied.
  static func framesNotDecoded(_ format: FormatID) -> MediaError {
    MediaError(
      .unsupported, .decode, "the frames of '\(format)' are not decoded here; only its metadata is labelled")
  }

  /// A container for which no rule names the place of a label.
  static func readOnly(_ format: FormatID, convertTo remedy: String) -> MediaError {
    MediaError(
      .unsupported, .metadata,
      "no rule says where a label stands in \(format) files; convert to \(remedy), which has a place for it")
  }

  /// What a container throws that no guide gives a place for the label.
  static func noCarrier(_ name: String, remedy: String) -> MediaError {
    MediaError(.unsupported, .metadata, "\(name) has no carrier for the label; \(remedy) first")
  }

  /// More `what` than are read.
  static func tooMany(_ what: String, _ limit: Int) -> MediaError {
    MediaError(.limitExceeded, .metadata, "more than \(limit) \(what) in one file")
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

extension MediaFile {
  /// What holds for every container with a time line: its frames are reached through `TimedMediaFile`, if at all.
  func visitFrames(_ visitor: FrameVisitor) throws(MediaError) { throw .framesNotDecoded(info.format) }
}
