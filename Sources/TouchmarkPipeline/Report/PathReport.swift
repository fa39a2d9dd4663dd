internal import MediaCore

/// A path as it stands in report lines.
enum PathReport {
  /// `name` with the path as text; where that is not the path, for it is not UTF-8, also `nameBytes` with its bytes, which
  /// a manifest takes as well.
  static func members(_ name: String, _ path: FilePath) -> [(String, JSONValue)] {
    let text: (String, JSONValue) = (name, .string(path.description))
    return path.isText ? [text] : [text, (name + "Bytes", .array(path.bytes.map { .int(Int($0)) }))]
  }
}
