internal import MediaCore

/// Replacements that are collected in the order of the file: few in memory, many in a temporary beside the output.
struct WaitingEdits {
  private let output: OutputFile
  private let isLarge: Bool
  private var spool: CodedSpool?
  private var edits: [(range: Range<Int>, bytes: [UInt8], part: Range<Int>)] = []

  /// Bytes that are held in memory.
  private static let most = 1 << 24

  /// `bytes` is about how many there will be.
  init(bytes: Int, beside output: OutputFile) {
    self.output = output
    isLarge = bytes > Self.most
  }

  /// Where replacements begin in the source, and by how many bytes each is longer.
  var growths: [(place: Int, growth: Int)] {
    edits.map { ($0.range.lowerBound, max($0.bytes.count, $0.part.count) - $0.range.count) }
  }

  /// Puts `bytes` in the place of `range` of the source.
  mutating func replace(_ range: Range<Int>, with bytes: [UInt8]) throws(MediaError) {
    guard isLarge else { return edits.append((range, bytes, 0..<0)) }
    if spool == nil { spool = try CodedSpool(beside: output) }
    guard let part = try spool?.append(bytes) else { return }
    edits.append((range, [], part))
  }

  /// Hands all to `target`.
  func apply(to target: inout ByteEdits) throws(MediaError) {
    let file = try spool?.file()
    for edit in edits {
      if let file {
        try target.replace(edit.range, with: edit.part, of: file)
      } else {
        try target.replace(edit.range, with: edit.bytes)
      }
    }
  }
}
