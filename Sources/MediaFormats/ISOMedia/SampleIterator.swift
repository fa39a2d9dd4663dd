internal import MediaCore

/// Goes through the samples of a track in the order of decoding, in constant memory.
struct SampleIterator {
  /// A row of a table of runs and what is left of it.
  private struct Run {
    var row = -1
    var left = 0

    /// Goes on by one sample; false behind the last row.
    mutating func advance(in table: RunTable) -> Bool {
      while left == 0 {
        row += 1
        guard row < table.count else { return false }
        left = Int(table[row, 0])
      }
      left -= 1
      return true
    }
  }

  private let table: SampleTable
  private var index = 0
  private var time: Int64 = 0
  private var duration = Run()
  private var composition = Run()
  private var nextSync = 0
  private var chunk = -1
  private var chunkRow = 0
  private var leftInChunk = 0
  private var offset = 0

  init(_ table: SampleTable) { self.table = table }

  /// The next sample; nil behind the last one. Throws `malformed` where the tables contradict each other or the file.
  mutating func next() throws(MediaError) -> MediaSample? {
    guard index < table.count else { return nil }
    if leftInChunk == 0 { try enterChunk() }
    leftInChunk -= 1
    guard duration.advance(in: table.durations) else { throw broken("is not in 'stts'") }
    if let compositions = table.compositions, !composition.advance(in: compositions) {
      throw broken("is not in 'ctts'")
    }
    let size = table.sizes[index]
    let (end, isTooFar) = offset.addingReportingOverflow(size)
    guard !isTooFar, end <= table.fileSize else {
      throw broken("has \(size) bytes at offset \(offset) of a file of \(table.fileSize)")
    }
    let length = Int(table.durations[duration.row, 1])
    let sample = MediaSample(
      offset: offset, size: size, decodeTime: time,
      // Version 0 has no negative offsets, but writers put them there and readers take them so.
      compositionOffset: table.compositions.map { Int(Int32(bitPattern: $0[composition.row, 1])) } ?? 0,
      duration: length, isSync: isSync(), entry: Int(table.chunks[chunkRow, 2]) - 1)
    offset = end
    time &+= Int64(length)
    index += 1
    return sample
  }

  private mutating func isSync() -> Bool {
    guard let syncs = table.syncs else { return true }
    let number = UInt64(index + 1)
    while nextSync < syncs.count, syncs[nextSync] < number { nextSync += 1 }
    return nextSync < syncs.count && syncs[nextSync] == number
  }

  private mutating func enterChunk() throws(MediaError) {
    let rows = table.chunks
    repeat {
      chunk += 1
      guard chunk < table.offsets.count, rows.count > 0, rows[0, 0] == 1 else {
        throw broken("is in no chunk")
      }
      // Rows count chunks from one.
      while chunkRow + 1 < rows.count, Int(rows[chunkRow + 1, 0]) - 1 <= chunk { chunkRow += 1 }
      leftInChunk = Int(rows[chunkRow, 1])
    } while leftInChunk == 0
    let entry = Int(rows[chunkRow, 2])
    guard entry >= 1, entry <= table.entries.count else { throw broken("has no description (\(entry))") }
    guard let start = Int(exactly: table.offsets[chunk]) else { throw broken("is out of the file") }
    offset = start
  }

  private func broken(_ what: String) -> MediaError {
    MediaError(.malformed, .decode, "sample \(index + 1) of \(table.count) \(what)")
  }
}
