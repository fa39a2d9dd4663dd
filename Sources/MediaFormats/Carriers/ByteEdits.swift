internal import MediaCore

/// A file written anew with some ranges of its bytes replaced and all others copied.
struct ByteEdits {
  private enum Content {
    case bytes([UInt8])
    case file(InputFile, Range<Int>)

    var count: Int {
      switch self {
      case .bytes(let bytes): bytes.count
      case .file(_, let range): range.count
      }
    }
  }

  private struct Edit {
    let range: Range<Int>
    let content: Content
  }

  private var edits: [Edit] = []

  /// Whether nothing is to be changed.
  var isEmpty: Bool { edits.isEmpty }
  /// Bytes by which the file grows; negative when it shrinks.
  var growth: Int { edits.reduce(0) { $0 + $1.content.count - $1.range.count } }

  /// Puts `bytes` in the place of `range` of the source. Several insertions at one place stand in the order of the
  /// calls. Throws `internalFault` for a range that overlaps an earlier one.
  mutating func replace(_ range: Range<Int>, with bytes: [UInt8]) throws(MediaError) {
    try replace(range, .bytes(bytes))
  }

  /// Puts a range of another file in the place of `range`, for what is too large to be held.
  mutating func replace(_ range: Range<Int>, with part: Range<Int>, of file: InputFile) throws(MediaError) {
    try replace(range, .file(file, part))
  }

  private mutating func replace(_ range: Range<Int>, _ content: Content) throws(MediaError) {
    var index = place(of: range.lowerBound)
    // What is put in front of a byte stands in front of what takes its place, whichever call came first.
    if range.isEmpty, index > 0, edits[index - 1].range.lowerBound == range.lowerBound,
      !edits[index - 1].range.isEmpty
    {
      index -= 1
    }
    let isFree =
      (index == 0 || edits[index - 1].range.upperBound <= range.lowerBound)
      && (index == edits.endIndex || range.upperBound <= edits[index].range.lowerBound)
    guard isFree else {
      throw MediaError(.internalFault, .metadata, "bytes \(range) of the file are edited twice")
    }
    edits.insert(Edit(range: range, content: content), at: index)
  }

  /// The index of the first edit that begins behind `offset`; most edits are made in the order of the file.
  private func place(of offset: Int) -> Int {
    guard let last = edits.last, last.range.lowerBound > offset else { return edits.endIndex }
    var (low, high) = (0, edits.count)
    while low < high {
      let middle = (low + high) / 2
      if edits[middle].range.lowerBound > offset { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Puts `bytes` in front of the byte at `offset`.
  mutating func insert(_ bytes: [UInt8], at offset: Int) throws(MediaError) {
    try replace(offset..<offset, with: bytes)
  }

  /// Takes `range` out.
  mutating func remove(_ range: Range<Int>) throws(MediaError) { try replace(range, with: []) }

  /// Where the byte at `offset` of the source stands afterwards: behind everything that is put in front of it. The
  /// first byte of a replaced range goes to where the replacement begins, the others to where it ends. For many
  /// offsets ask `offsetMap` once.
  func position(of offset: Int) -> Int { offsetMap(offset) }

  /// `position(of:)` for many offsets, by bisection.
  var offsetMap: OffsetMap {
    var shift = 0
    return OffsetMap(
      steps: edits.map { edit in
        defer { shift += edit.content.count - edit.range.count }
        return OffsetMap.Step(range: edit.range, count: edit.content.count, shift: shift)
      })
  }

  /// Where bytes of the source stand in the edited file.
  struct OffsetMap {
    fileprivate struct Step {
      let range: Range<Int>
      /// Bytes that stand in the place of `range`.
      let count: Int
      /// By how much `range` itself has moved.
      let shift: Int
    }
    fileprivate let steps: [Step]

    /// Whether nothing is edited.
    var isIdentity: Bool { steps.isEmpty }
    /// Bytes by which the file grows.
    var growth: Int { steps.last.map { $0.shift + $0.count - $0.range.count } ?? 0 }

    func callAsFunction(_ offset: Int) -> Int {
      var (low, high) = (0, steps.count)
      while low < high {
        let middle = (low + high) / 2
        if steps[middle].range.lowerBound <= offset { low = middle + 1 } else { high = middle }
      }
      guard low > 0 else { return offset }
      let step = steps[low - 1]
      if step.range.upperBound <= offset { return offset &+ (step.shift + step.count - step.range.count) }
      return step.range.lowerBound + step.shift + (step.range.lowerBound == offset ? 0 : step.count)
    }
  }

  /// `bytes`, a piece of a file that is held in memory, with the edits; ranges count from its first byte. Parts of other
  /// files are left out.
  func applied(to bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + max(0, growth))
    var pending = 0
    for edit in edits {
      result += bytes[pending..<edit.range.lowerBound]
      if case .bytes(let new) = edit.content { result += new }
      pending = edit.range.upperBound
    }
    return result + bytes[pending...]
  }

  /// Appends the edited file to `output`. Throws `io` when `input` has become shorter.
  func write(_ input: InputFile, to output: OutputFile) throws(MediaError) {
    var pending = 0
    for edit in edits {
      try output.copy(pending..<edit.range.lowerBound, of: input)
      switch edit.content {
      case .bytes(let bytes): try output.write(bytes)
      case .file(let file, let part): try output.copy(part, of: file)
      }
      pending = edit.range.upperBound
    }
    try output.copy(pending..<input.size, of: input)
  }
}
