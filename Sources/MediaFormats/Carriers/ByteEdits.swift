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
    // An insertion stands in front of a replacement that begins at the same place. Most callers go from front to back.
    let isBehind = { (edit: Edit) in
      edit.range.lowerBound > range.lowerBound
        || edit.range.lowerBound == range.lowerBound && range.isEmpty && !edit.range.isEmpty
    }
    let isLast = edits.last.map { !isBehind($0) } ?? true
    let index = isLast ? edits.endIndex : edits.firstIndex(where: isBehind) ?? edits.endIndex
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

  /// `bytes`, a piece of a file that is held in memory, with the edits; ranges count from its first byte.
  func applied(to bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + max(0, growth))
    var pending = 0
    for edit in edits {
      result += bytes[pending..<edit.range.lowerBound]
      result += edit.bytes
      pending = edit.range.upperBound
    }
    return result + bytes[pending...]
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
