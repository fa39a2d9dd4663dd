internal import MediaCore

/// Packets that wait for their place in the output, in a temporary beside it: an hour's worth is more than is held in
/// memory.
final class CodedSpool {
  /// One packet.
  struct Packet {
    /// Where it stands in `file`.
    let range: Range<Int>
    /// Presentation time in ticks.
    let pts: Int64
    let isKey: Bool
    /// Where its opacity stands in `file`; nil without.
    var alpha: Range<Int>?
  }

  private let output: OutputFile

  /// A spool beside `target`; it goes with this object.
  init(beside target: OutputFile) throws(MediaError) {
    output = try OutputFile(waitingFor: target)
  }

  /// Appends bytes; returns where they stand.
  func append(_ bytes: UnsafeRawBufferPointer) throws(MediaError) -> Range<Int> {
    let start = output.size
    try output.write(bytes)
    return start..<output.size
  }

  /// Appends bytes; returns where they stand.
  func append(_ bytes: [UInt8]) throws(MediaError) -> Range<Int> {
    let start = output.size
    try output.write(bytes)
    return start..<output.size
  }

  /// Everything appended so far, for reading.
  func file() throws(MediaError) -> InputFile {
    try output.flush()
    return try InputFile(output.temporary)
  }
}
