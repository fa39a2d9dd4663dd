public import MediaCore

/// One file to work on, as discovered; nothing of it has been read yet.
public struct Job: Sendable, Hashable {
  /// The file as named, or as found below a folder.
  public let input: FilePath
  /// Where the labelled file goes; nil in place and for verification.
  public let output: FilePath?
  /// Bytes at the time of discovery: large files start first.
  public let size: Int
  /// The ProduceID that a manifest gives; nil makes one.
  public let produceID: String?
  /// The explicit label's text that a manifest gives; nil takes the configuration's.
  public let text: String?

  /// The watermark's 64 bits that a manifest gives; nil derives them.
  public let payload: UInt64?

  /// A file to work on.
  public init(
    input: FilePath, output: FilePath? = nil, size: Int = 0, produceID: String? = nil, text: String? = nil,
    payload: UInt64? = nil
  ) {
    self.payload = payload
    self.input = input
    self.output = output
    self.size = size
    self.produceID = produceID
    self.text = text
  }
}

/// What discovery comes upon, one at a time.
public enum Discovered: Sendable {
  /// A file to work on.
  case job(Job)
  /// An input that cannot become a job: missing, unreadable, looping, claimed by another.
  case failure(input: FilePath, output: FilePath?, error: MediaError)
  /// Something left out on purpose, with the reason in words.
  case skipped(input: FilePath, reason: String)
}
