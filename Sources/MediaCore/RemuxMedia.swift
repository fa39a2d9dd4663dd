/// A file whose container has no place for a label, but whose packets can be put as they are into one that has.
public protocol RemuxableFile: MediaFile {
  /// Why it cannot be labelled where it is, and what to do.
  var refusal: MediaError { get }
  /// Writes a temporary file in the folder of `target`, which need not exist itself. Throws `unsupported` for tracks that
  /// no container here holds together.
  func remux(beside target: FilePath) throws(MediaError) -> RemuxedFile
}

/// The packets of a file in another container.
public struct RemuxedFile {
  /// The file; it goes with the last reference to this object.
  public let temporary: OutputFile
  /// What such files are called.
  public let fileExtension: String
  /// What was left out, one sentence each.
  public let notes: [String]

  /// A file that was remuxed.
  public init(temporary: OutputFile, fileExtension: String, notes: [String]) {
    self.temporary = temporary
    self.fileExtension = fileExtension
    self.notes = notes
  }
}

extension FormatDescriptor {
  /// What the output named `path` is called when a file of this format becomes one with another extension: its own
  /// extension is replaced, any other is kept in front.
  public func remuxedName(_ path: FilePath, fileExtension: String) -> FilePath {
    let own = path.fileExtension
    if own == fileExtension { return path }
    let dot = path.bytes.lastIndex(of: UInt8(ascii: "."))
    let stem = extensions.contains(own) ? dot.map { path.bytes[..<$0] } : nil
    return FilePath(bytes: (stem ?? path.bytes[...]) + [UInt8(ascii: ".")] + Array(fileExtension.utf8))
  }
}
