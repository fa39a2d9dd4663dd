internal import MediaCore

/// Chunks of the video stream that hold pictures coded anew. Order and number of chunks stay; their sizes change, and
/// with them those of the lists around them and where everything behind them stands.
struct AVIVideoEdit {
  /// A chunk with a new picture.
  struct Chunk {
    let size: Int
    let isKey: Bool
  }

  /// What changes in `movi` and in the headers.
  private(set) var edits = ByteEdits()
  /// The chunks with new pictures, by where their data stands.
  private(set) var chunks: [Int: Chunk] = [:]
  /// By how much lists grow, by where they stand.
  private(set) var growths: [Int: Int] = [:]

  /// Throws `limitExceeded` for a list that would pass the size that can be stored, `unsupported` for chunks that are
  /// not padded.
  init(
    _ track: AVIVideoTrack, _ recoded: RecodedVideo, of structure: AVIStructure, in reader: HeaderReader
  ) throws(MediaError) {
    let spool = try recoded.spool.file()
    var packets: [Int: CodedSpool.Packet] = [:]
    for segment in recoded.segments {
      for (index, packet) in zip(segment.samples, segment.packets) {
        packets[track.chunks[index].offset] = packet
        chunks[track.chunks[index].data.lowerBound] = Chunk(size: packet.range.count, isKey: packet.isKey)
      }
    }
    let largest = packets.values.map(\.range.count).max() ?? 0
    try raise(structure.main.map { $0.data.lowerBound + 28 }, to: largest, reader)
    let header = track.stream.header.data
    try raise(header.count >= 40 ? header.lowerBound + 36 : nil, to: largest, reader)
    // Edits are cheapest in the order of the file: a list stands in front of its chunks.
    var lists = try resized(track.movie, packets)[...]
    for chunk in track.movie.chunks {
      guard let packet = packets[chunk.offset] else { continue }
      while let list = lists.first, list.offset < chunk.offset {
        try edits.replace(list.offset + 4..<list.offset + 8, with: list.size.littleEndianBytes)
        lists.removeFirst()
      }
      try replace(chunk, with: packet, of: spool)
    }
  }

  /// Lets a buffer that headers suggest be large enough; zero says nothing.
  private mutating func raise(_ place: Int?, to size: Int, _ reader: HeaderReader) throws(MediaError) {
    guard let place else { return }
    let old = try reader.littleEndian(4, at: place)
    guard old > 0, old < size else { return }
    try edits.replace(place..<place + 4, with: UInt32(clamping: size).littleEndianBytes)
  }

  /// The new sizes of the lists that change.
  private mutating func resized(
    _ movie: AVIMovie, _ packets: [Int: CodedSpool.Packet]
  ) throws(MediaError) -> [(offset: Int, size: UInt32)] {
    var sums = [0]
    for chunk in movie.chunks {
      let size = packets[chunk.offset]?.range.count ?? chunk.data.count
      sums.append(sums[sums.count - 1] + size + size % 2 - chunk.data.count - chunk.data.count % 2)
    }
    var sizes: [(offset: Int, size: UInt32)] = []
    for list in movie.lists {
      let growth = sums[list.chunks.upperBound] - sums[list.chunks.lowerBound]
      guard growth != 0 else { continue }
      guard let size = UInt32(exactly: list.size + growth) else {
        throw MediaError(
          .limitExceeded, .encode,
          "a list of samples would exceed the 4 GiB that its size can say; convert to Matroska")
      }
      growths[list.offset] = growth
      sizes.append((list.offset, size))
    }
    return sizes
  }

  private mutating func replace(
    _ chunk: AVIMovie.Chunk, with packet: CodedSpool.Packet, of spool: InputFile
  ) throws(MediaError) {
    guard chunk.end - chunk.data.upperBound == chunk.data.count % 2 else {
      throw MediaError(
        .unsupported, .encode, "the chunk at offset \(chunk.offset) is not padded to even size")
    }
    let size = UInt32(truncatingIfNeeded: packet.range.count)
    try edits.replace(chunk.offset + 4..<chunk.offset + 8, with: size.littleEndianBytes)
    try edits.replace(chunk.data, with: packet.range, of: spool)
    guard chunk.data.count % 2 != packet.range.count % 2 else { return }
    try edits.replace(chunk.data.upperBound..<chunk.end, with: packet.range.count % 2 == 1 ? [0] : [])
  }
}
