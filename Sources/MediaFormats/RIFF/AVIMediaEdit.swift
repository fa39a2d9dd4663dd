internal import MediaCore

/// Chunks that hold pictures or sound coded anew. Order and number of chunks stay; their sizes change, and
/// with them those of the lists around them and where everything behind them stands.
struct AVIMediaEdit {
  /// A chunk with new data.
  struct Chunk {
    let size: Int
    let isKey: Bool
  }

  /// What changes in `movi` and in the headers.
  private(set) var edits = ByteEdits()
  /// The chunks with new data, by where their data stands.
  private(set) var chunks: [Int: Chunk] = [:]
  /// By how much lists grow, by where they stand.
  private(set) var growths: [Int: Int] = [:]

  /// A packet that takes the place of a chunk's data.
  private struct Packet {
    let chunk: AVIMovie.Chunk
    let file: InputFile
    let range: Range<Int>
  }

  /// Throws `limitExceeded` for a list that would pass the size that can be stored, `unsupported` for chunks that are
  /// not padded.
  init(
    video: (track: AVIVideoTrack, recoded: RecodedVideo)?,
    sound: (track: AVISoundTrack, recoded: RecodedSound)?,
    of structure: AVIStructure, in reader: HeaderReader
  ) throws(MediaError) {
    var packets: [Packet] = []
    var movies: [AVIMovie] = []
    var largest = 0
    var raised: [(place: Int, size: Int)] = []
    func add(
      _ segments: [VideoReencode.Segment], _ spool: CodedSpool, _ own: [AVIMovie.Chunk], _ stream: AVIStream
    ) throws(MediaError) {
      let file = try spool.file()
      var most = 0
      for segment in segments {
        for (index, packet) in zip(segment.samples, segment.packets) {
          let chunk = own[index]
          packets.append(Packet(chunk: chunk, file: file, range: packet.range))
          chunks[chunk.data.lowerBound] = Chunk(size: packet.range.count, isKey: packet.isKey)
          most = max(most, packet.range.count)
        }
      }
      largest = max(largest, most)
      let header = stream.header.data
      if header.count >= 40 { raised.append((header.lowerBound + 36, most)) }
    }
    if let video, !video.recoded.segments.isEmpty {
      try add(video.recoded.segments, video.recoded.spool, video.track.chunks, video.track.stream)
      movies.append(video.track.movie)
    }
    if let sound {
      try add(sound.recoded.segments, sound.recoded.spool, sound.track.chunks, sound.track.stream)
      movies.append(sound.track.movie)
    }
    if let main = structure.main { raised.append((main.data.lowerBound + 28, largest)) }
    for (place, size) in raised { try raise(place, to: size, reader) }
    packets.sort { $0.chunk.offset < $1.chunk.offset }
    // Edits are cheapest in the order of the file: a list stands in front of its chunks.
    var lists = try resized(movies)[...]
    for packet in packets {
      while let list = lists.first, list.offset < packet.chunk.offset {
        try edits.replace(list.offset + 4..<list.offset + 8, with: list.size.littleEndianBytes)
        lists.removeFirst()
      }
      try replace(packet)
    }
  }

  /// Lets a buffer that headers suggest be large enough; zero says nothing.
  private mutating func raise(_ place: Int, to size: Int, _ reader: HeaderReader) throws(MediaError) {
    let old = try reader.littleEndian(4, at: place)
    guard old > 0, old < size else { return }
    try edits.replace(place..<place + 4, with: UInt32(clamping: size).littleEndianBytes)
  }

  /// The new sizes of the lists that change, in the order of the file.
  private mutating func resized(_ movies: [AVIMovie]) throws(MediaError) -> [(offset: Int, size: UInt32)] {
    var sizes: [Int: Int] = [:]
    for movie in movies {
      var sums = [0]
      for chunk in movie.chunks {
        let size = chunks[chunk.data.lowerBound]?.size ?? chunk.data.count
        sums.append(sums[sums.count - 1] + size + size % 2 - chunk.data.count - chunk.data.count % 2)
      }
      for list in movie.lists {
        let growth = sums[list.chunks.upperBound] - sums[list.chunks.lowerBound]
        guard growth != 0 else { continue }
        growths[list.offset, default: 0] += growth
        sizes[list.offset] = list.size
      }
    }
    return try sizes.sorted { $0.key < $1.key }.map { (list) throws(MediaError) in
      guard let size = UInt32(exactly: list.value + (growths[list.key] ?? 0)) else {
        throw MediaError(
          .limitExceeded, .encode,
          "a list of samples would exceed the 4 GiB that its size can say; convert to Matroska")
      }
      return (list.key, size)
    }
  }

  private mutating func replace(_ packet: Packet) throws(MediaError) {
    let (chunk, range) = (packet.chunk, packet.range)
    if range.count == chunk.data.count { return try edits.replace(chunk.data, with: range, of: packet.file) }
    guard chunk.end - chunk.data.upperBound == chunk.data.count % 2 else {
      throw MediaError(
        .unsupported, .encode, "the chunk at offset \(chunk.offset) is not padded to even size")
    }
    let size = UInt32(truncatingIfNeeded: range.count)
    try edits.replace(chunk.offset + 4..<chunk.offset + 8, with: size.littleEndianBytes)
    try edits.replace(chunk.data, with: range, of: packet.file)
    guard chunk.data.count % 2 != range.count % 2 else { return }
    try edits.replace(chunk.data.upperBound..<chunk.end, with: range.count % 2 == 1 ? [0] : [])
  }
}
