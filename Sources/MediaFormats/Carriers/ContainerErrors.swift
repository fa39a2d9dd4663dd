internal import MediaCore

extension MediaError {
  /// What a container throws that no guide gives a place for the label.
  static func noCarrier(_ format: FormatID, remuxedTo remedy: String) -> MediaError {
    MediaError(
      .unsupported, .metadata,
      "no rule says where a label stands in \(format) files; --remux puts the packets into \(remedy), which has a place for it"
    )
  }

  /// What a file of `size` bytes throws that ends inside of `what`, which goes on to byte `end` where it says so. FFmpeg's
  /// arguments `kept` keep what is there of a file of `format`; nil where nothing can be kept.
  static func cut(
    at size: Int, inside what: String, endingAt end: UInt64? = nil, as format: FormatID?,
    keeping kept: String = "-map 0 -c copy"
  ) -> MediaError {
    let remedy = format.map {
      ", or keep what is there: `ffmpeg -fflags +discardcorrupt -i in.\($0) \(kept) out.\($0)`"
    }
    let missing = end.map { "goes on to byte \($0)" } ?? "is not all there"
    return MediaError(
      .malformed, .decode,
      "the file ends early, at byte \(size): \(what) \(missing); get the whole file\(remedy ?? "")")
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

extension [String] {
  /// `A, B or C`.
  var alternatives: String {
    guard count > 1, let last else { return first ?? "" }
    return "\(dropLast().joined(separator: ", ")) or \(last)"
  }
}

/// A file of a container that is read and judged, and never written.
protocol ReadOnlyFile: RemuxableFile {
  /// What puts its packets elsewhere.
  var remuxer: Remuxer { get }
}

extension ReadOnlyFile {
  func write(
    to output: OutputFile, changes: MetadataChanges, edit: MediaEdit
  ) throws(MediaError) -> RewriteNotes {
    throw refusal
  }

  var refusal: MediaError {
    let names = remuxer.targets.fileExtensions.map { $0.uppercased() }
    return .noCarrier(info.format, remuxedTo: names.alternatives)
  }

  func remux(beside target: FilePath) throws(MediaError) -> RemuxedFile {
    try remuxer.remux(beside: target)
  }
}
