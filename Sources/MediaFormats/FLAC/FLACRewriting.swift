internal import MediaCore

/// A stream with some frames coded anew, and what STREAMINFO and SEEKTABLE say of it then.
struct FLACRewriting {
  private let bits: Int
  private let streamInfo: [UInt8]
  private var sum = MD5()
  private var sizes = (least: Int.max, most: 0)
  private var replaced: WaitingEdits

  /// `waiting` is where frames coded anew wait.
  init(bits: Int, streamInfo: [UInt8], waiting: WaitingEdits) {
    replaced = waiting
    self.bits = bits
    self.streamInfo = streamInfo
  }

  /// Codes the frame at `offset` anew with `samples`, unless they are its own.
  mutating func replace(_ frame: FLACFrame, at offset: Int, with samples: [[Int]]) throws(MediaError) {
    add(samples)
    guard samples != frame.samples else { return count(frame.length) }
    let bytes = FLACFrameEncoder.encode(samples, like: frame.header)
    count(bytes.count)
    try replaced.replace(offset..<offset + frame.length, with: bytes)
  }

  /// Adds all edits to `edits`.
  func finish(
    _ edits: inout ByteEdits, structure: FLACStructure, reader: HeaderReader, limits: Limits
  ) throws(MediaError) {
    try replaced.apply(to: &edits)
    let block = structure.blocks[0]
    var info = streamInfo
    // Zero says unknown, and stays.
    if info[4..<7].contains(where: { $0 != 0 }) { info.replaceSubrange(4..<7, with: Self.size(sizes.least)) }
    if info[7..<10].contains(where: { $0 != 0 }) { info.replaceSubrange(7..<10, with: Self.size(sizes.most)) }
    var sum = sum
    if info[18..<34].contains(where: { $0 != 0 }) { info.replaceSubrange(18..<34, with: sum.finish()) }
    try edits.replace(block.dataOffset + 4..<block.dataOffset + 34, with: Array(info[4...]))
    var total = 0
    let moves = replaced.growths.map { edit -> (place: Int, growth: Int) in
      total += edit.growth
      return (edit.place - structure.framesOffset, total)
    }
    for block in structure.blocks where block.type == FLACBlock.seekTable {
      try shift(block, by: moves, &edits, reader, limits)
    }
  }

  /// Seek points count bytes from the first frame (RFC 9639 8.5). `moves` says where frames grew, and by how much all up to
  /// there together.
  private func shift(
    _ block: FLACBlock, by moves: [(place: Int, growth: Int)], _ edits: inout ByteEdits,
    _ reader: HeaderReader, _ limits: Limits
  ) throws(MediaError) {
    guard block.length <= limits.indexBytes else {
      throw MediaError(
        .limitExceeded, .metadata,
        "SEEKTABLE of \(block.length) bytes exceeds the \(limits.indexBytes) allowed")
    }
    var points = try reader.bytes(block.length, at: block.dataOffset)
    for point in stride(from: 0, through: points.count - 18, by: 18) {
      // A placeholder points nowhere.
      if points[point..<point + 8].allSatisfy({ $0 == 0xFF }) { continue }
      let old = points[point + 8..<point + 16].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      var (low, high) = (0, moves.count)
      while low < high {
        let middle = (low + high) / 2
        if UInt64(moves[middle].place) < old { low = middle + 1 } else { high = middle }
      }
      let growth = low > 0 ? moves[low - 1].growth : 0
      let new = old &+ UInt64(bitPattern: Int64(growth))
      points.replaceSubrange(point + 8..<point + 16, with: new.bigEndianBytes)
    }
    try edits.replace(block.dataOffset..<block.end, with: points)
  }

  private mutating func count(_ size: Int) {
    sizes.least = min(sizes.least, size)
    sizes.most = max(sizes.most, size)
  }

  private static func size(_ value: Int) -> ArraySlice<UInt8> {
    UInt32(clamping: min(max(value, 0), FLACBlock.largest)).bigEndianBytes[1...]
  }

  /// Samples count in the sum little-endian, interleaved, in whole bytes (RFC 9639 8.2).
  private mutating func add(_ samples: [[Int]]) {
    let width = (bits + 7) / 8
    let count = samples.first?.count ?? 0
    let channels = samples.count
    let bytes = [UInt8](unsafeUninitializedCapacity: count * channels * width) { buffer, initialized in
      initialized = count * channels * width
      for (channel, line) in samples.enumerated() {
        line.withUnsafeBufferPointer { line in
          var place = channel * width
          for sample in line {
            buffer[place] = UInt8(truncatingIfNeeded: sample)
            for byte in 1..<max(1, width) {
              buffer[place + byte] = UInt8(truncatingIfNeeded: sample >> (8 * byte))
            }
            place += channels * width
          }
        }
      }
    }
    sum.add(bytes)
  }
}
