internal import CImageIO
internal import MediaCore

/// Where a run of whole deflate blocks begins: bytes into the data, bits into the zlib stream.
struct DeflateBoundary: Sendable {
  let output: Int
  let bit: Int
}

/// A zlib stream whose data changed in some ranges, compressed anew only there. A block is kept bit for bit when
/// neither its own bytes nor the 32 KiB before them, which its matches may copy from, have changed; the blocks
/// between are compressed with the new data before them as dictionary. At 1024² a label re-codes about 8 % of
/// the data instead of all of it.
struct DeflateSplice {
  /// The farthest a match reaches (RFC 1951 2); the window that the header declares is not trusted.
  static let window = 32_768

  /// How new blocks are compressed.
  struct Settings: Sendable, Hashable {
    let level: Int32
    let strategy: Int32
    private(set) var hasRuns = false

    /// Runs and Huffman codes only, by our own encoder: on filtered photographs a thirtieth of the time of level 6, and 2 %
    /// larger.
    static let runs = Settings(level: 6, strategy: 3)
    /// As small as level 6 where most of the data stands in runs, by our own encoder in two thirds of the time.
    static let plain = Settings(level: 6, strategy: 0, hasRuns: true)
    static func level(_ level: Int32, isFiltered: Bool) -> Settings {
      Settings(level: level, strategy: isFiltered ? 1 : 0)
    }
  }

  /// A piece of the new stream: bits of the old one, or bytes of `fresh`.
  private enum Piece {
    case kept(bits: Range<Int>)
    /// Begins with `skip` bits that belong to the piece before.
    case new(bytes: Range<Int>, skip: Int)
  }

  private let old: UnsafeRawBufferPointer
  private let fresh: ScratchBuffer?
  private let pieces: [Piece]
  private let header: [UInt8]
  private let checksum: UInt32
  /// Bytes of the new zlib stream.
  let byteCount: Int
  /// Bytes of data that were compressed anew.
  let recodedBytes: Int
  /// Where they are, and what is kept between.
  let recodedRange: Range<Int>

  /// Splices `old`, whose blocks begin at `boundaries`, for `data`, which differs from what `old` inflates to only
  /// in `dirty` (ascending). `old` and `data` must outlive the value.
  init(
    _ old: UnsafeRawBufferPointer, boundaries: [DeflateBoundary], data: UnsafeRawBufferPointer,
    dirty: [Range<Int>], settings: Settings, scratch: Scratch
  ) throws(MediaError) {
    let runs = Self.runs(boundaries, dirty: dirty)
    // What is compressed alone may refer back as far as deflate allows, whatever the old header says.
    header = runs.count == 1 && runs[0].isKept == false ? Self.widestHeader : Self.header(old)
    let windowBits = Int32(header[0] >> 4) + 8
    let room = runs.reduce(0) { $1.isKept ? $0 : $0 + tm_deflate_bound($1.output.count) }
    let fresh = room > 0 ? scratch.borrow(room) : nil
    var pieces: [Piece] = []
    var position = 16
    var used = 0
    for run in runs {
      if run.isKept {
        pieces.append(.kept(bits: run.bits))
        position += run.bits.count
        continue
      }
      let skip = position % 8
      let written = Self.deflate(
        run, of: data, skip: skip, settings: settings, windowBits: windowBits, into: fresh, at: used)
      guard written > 0 else {
        throw MediaError(.internalFault, .encode, "zlib refused to compress \(run.output.count) bytes")
      }
      pieces.append(.new(bytes: used..<used + written, skip: skip))
      position += written * 8 - skip
      used += written
    }
    let bytes = data.bindMemory(to: UInt8.self)
    checksum = tm_adler32(bytes.baseAddress, bytes.count)
    byteCount = (position + 7) / 8 + 4
    recodedBytes = runs.reduce(0) { $1.isKept ? $0 : $0 + $1.output.count }
    let recoded = runs.filter { !$0.isKept }
    recodedRange = (recoded.first?.output.lowerBound ?? 0)..<(recoded.last?.output.upperBound ?? 0)
    self.old = old
    self.fresh = fresh
    self.pieces = pieces
  }

  /// The new stream, handed on in buffers of any size.
  func write(_ sink: (UnsafeRawBufferPointer) throws(MediaError) -> Void) throws(MediaError) {
    var bits = BitAppender(header)
    for piece in pieces {
      switch piece {
      case .kept(let range): try bits.append(old, range, sink)
      case .new(let range, let skip):
        guard let fresh else { continue }
        let bytes = UnsafeRawBufferPointer(rebasing: fresh.bytes[range])
        try bits.append(bytes, skip..<bytes.count * 8, sink)
      }
    }
    try bits.finish(checksum.bigEndianBytes, sink)
  }

  private struct Run {
    var output: Range<Int>
    var bits: Range<Int>
    var isKept: Bool
    var isLast: Bool
  }

  private static func runs(_ boundaries: [DeflateBoundary], dirty: [Range<Int>]) -> [Run] {
    var runs: [Run] = []
    var next = 0
    for index in boundaries.indices.dropLast() {
      let output = boundaries[index].output..<boundaries[index + 1].output
      // The last block may be empty; it still has to follow the bits before it.
      let reach = output.lowerBound - window..<max(output.upperBound, output.lowerBound + 1)
      while next < dirty.count, dirty[next].upperBound <= reach.lowerBound { next += 1 }
      let isKept = next == dirty.count || dirty[next].lowerBound >= reach.upperBound
      let bits = boundaries[index].bit..<boundaries[index + 1].bit
      let isLast = index == boundaries.count - 2
      if let previous = runs.last, previous.isKept == isKept {
        runs[runs.count - 1] = Run(
          output: previous.output.lowerBound..<output.upperBound,
          bits: previous.bits.lowerBound..<bits.upperBound, isKept: isKept, isLast: isLast)
      } else {
        runs.append(Run(output: output, bits: bits, isKept: isKept, isLast: isLast))
      }
    }
    return runs
  }

  private static func deflate(
    _ run: Run, of data: UnsafeRawBufferPointer, skip: Int, settings: Settings, windowBits: Int32,
    into fresh: ScratchBuffer?, at offset: Int
  ) -> Int {
    guard let fresh, let target = fresh.bytes.bindMemory(to: UInt8.self).baseAddress,
      let source = data.bindMemory(to: UInt8.self).baseAddress
    else { return 0 }
    if settings == .runs {
      return tm_deflate_quickly(
        source + run.output.lowerBound, run.output.count, Int32(skip), run.isLast ? 1 : 0, target + offset,
        fresh.bytes.count - offset)
    }
    let reach = min(run.output.lowerBound, 1 << Int(windowBits))
    let (input, count) = (source + run.output.lowerBound, run.output.count)
    let (output, room) = (target + offset, fresh.bytes.count - offset)
    if settings.hasRuns {
      let written = tm_deflate_plain(
        input, count, reach, windowBits, Int32(skip), run.isLast ? 1 : 0, output, room)
      if written > 0 { return written }
    }
    if run.output.lowerBound == 0, run.isLast, skip == 0 {
      return tm_deflate_alone(settings.level, source, count, output, room)
    }
    return tm_deflate_run(
      tm_deflate_settings(level: settings.level, strategy: settings.strategy, window_bits: windowBits),
      input - reach, reach, input, count, Int32(skip), run.isLast ? 1 : 0, output, room)
  }

  /// CMF and FLG (RFC 1950 2.2) of `old`; zlib's raw deflate wants a window of at least 512 bytes.
  private static func header(_ old: UnsafeRawBufferPointer) -> [UInt8] {
    guard old.count >= 2, old[0] >> 4 >= 1, old[0] >> 4 <= 7 else { return widestHeader }
    return [old[0], old[1]]
  }

  /// A window of 32 KiB.
  private static let widestHeader: [UInt8] = [0x78, 0x9C]
}
