internal import MediaCore

/// A file written anew with some ranges of its bytes replaced and all others copied.
struct ByteEdits {
  private struct Edit {
    let range: Range<Int>
    let bytes: [UInt8]
  }

  private var edits: [Edit] = []

  /// Whether nothing is to be changed.
  var isEmpty: Bool { edits.isEmpty }
  /// Bytes by which the file grows; negative when it shrinks.
  var growth: Int { edits.reduce(0) { $0 + $1.bytes.count - $1.range.count } }

  /// Puts `bytes` in the place of `range` of the source. Several insertions at one place stand in the order of the
  /// calls. Throws `internalFault` for a range that overlaps an earlier one.
  mutating func replace(_ range: Range<Int>, with bytes: [UInt8]) throws(MediaError) {
    if let last = edits.last, last.range.upperBound <= range.lowerBound {
      // Edits mostly come in file order, and thousands of them should not be searched each time.
      edits.append(Edit(range: range, bytes: bytes))
      return
    }
    let index = edits.firstIndex { $0.range.lowerBound > range.lowerBound } ?? edits.endIndex
    let isFree =
      (index == 0 || edits[index - 1].range.upperBound <= range.lowerBound)
      && (index == edits.endIndex || range.upperBound <= edits[index].range.lowerBound)
    guard isFree else {
      throw MediaError(.internalFault, .metadata, "bytes \(range) of the file are edited twice")
    }
    edits.insert(Edit(range: range, bytes: bytes), at: index)
  }

  /// Puts `bytes` in front of the byte at `offset`.
  mutating func insert(_ bytes: [UInt8], at offset: Int) throws(MediaError) {
    try replace(offset..<offset, with: bytes)
  }

  /// Takes `range` out.
  mutating func remove(_ range: Range<Int>) throws(MediaError) { try replace(range, with: []) }

  /// Where the byte at `offset` of the source stands afterwards: behind everything that is put in front of it. An
  /// offset inside a replaced range goes to where the replacement ends.
  func position(of offset: Int) -> Int {
    var shift = 0
    for edit in edits {
      if edit.range.lowerBound > offset { break }
      if edit.range.upperBound > offset { return edit.range.lowerBound + shift + edit.bytes.count }
      shift += edit.bytes.count - edit.range.count
    }
    return offset + shift
  }

  /// Appends the edited file to `output`. Throws `io` when `input` has become shorter.
  func write(_ input: InputFile, to output: OutputFile) throws(MediaError) {
    var pending = 0
    for edit in edits {
      try output.copy(pending..<edit.range.lowerBound, of: input)
      try output.write(edit.bytes)
      pending = edit.range.upperBound
    }
    try output.copy(pending..<input.size, of: input)
  }
}
