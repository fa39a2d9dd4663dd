internal import MediaCore

extension MediaError {
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

/// A file of a container that is read and judged, and never written.
protocol ReadOnlyFile: MediaFile {
  /// Why, and what to do instead.
  var refusal: MediaError { get }
}

extension ReadOnlyFile {
  func write(
    to output: OutputFile, changes: MetadataChanges, edit: MediaEdit
  ) throws(MediaError) -> RewriteNotes {
    throw refusal
  }
}
