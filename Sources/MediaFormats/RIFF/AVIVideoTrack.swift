internal import MediaCore

/// The video stream of an AVI file, as samples that can be decoded.
struct AVIVideoTrack {
  let video: CodedVideo
  /// One for each sample.
  let chunks: [AVIMovie.Chunk]
  let movie: AVIMovie
  let stream: AVIStream

  /// Codes of four letters, whatever their case.
  private static let codecs: [(codec: VideoCodec, names: Set<String>)] = [
    (.h264, ["H264", "X264", "AVC1", "DAVC"]),
    (.mpeg4, ["XVID", "DIVX", "DX50", "FMP4", "MP4V"]),
    (.mjpeg, ["MJPG"]), (.png, ["MPNG"]),
  ]
  /// As many pictures as any codec lets one wait for.
  private static let reordering: Int64 = 16
  /// Bytes of a BITMAPINFOHEADER.
  private static let bitmapBytes = 40

  /// Seconds by which pictures may stand behind those that are shown after them.
  private static let margin = 2.0

  /// The pictures of the whole file, or those that are shown before `end` seconds, which are enough to look at. Throws
  /// `unsupported` for a file without one such stream, or whose pictures stand in it in a form that is not
  /// edited, `malformed` for one without pictures or time.
  init(
    _ structure: AVIStructure, until end: Double = .infinity, in input: InputFile, limits: Limits
  ) throws(MediaError) {
    let streams = structure.streams.filter { $0.track.kind == .video }
    guard let stream = streams.first, streams.count == 1, let format = stream.format else {
      throw MediaError(.unsupported, .decode, "\(streams.count) video streams; frames of one are edited")
    }
    let name = stream.track.codec
    guard let codec = Self.codecs.first(where: { $0.names.contains(name.uppercased()) })?.codec else {
      throw MediaError(
        .unsupported, .decode,
        "pictures coded as \(PictureName.of(name)) are not coded anew in AVI; convert them to H.264, MPEG-4 or Motion JPEG first"
      )
    }
    let reader = HeaderReader(input, windowBytes: 512)
    let (scale, rate) = try Self.timing(stream, reader)
    let wanted = (end + Self.margin) * Double(rate) / Double(scale)
    let movie = try AVIMovie(
      structure, stream: stream.number, AVIMovie.pictures, most: wanted < 1e9 ? Int(max(1, wanted)) : nil,
      in: input,
      limits: limits)
    var places: [(offset: Int, size: Int)] = []
    var chunks: [AVIMovie.Chunk] = []
    var times: [Int64] = []
    // Where a picture is dropped time goes on.
    for (index, chunk) in movie.chunks.enumerated() where !chunk.data.isEmpty {
      guard chunk.data.count <= limits.decodedBytes else {
        throw MediaError(.limitExceeded, .decode, "a coded picture of \(chunk.data.count) bytes")
      }
      chunks.append(chunk)
      places.append((chunk.data.lowerBound, chunk.data.count))
      times.append(Int64(index) * Int64(scale))
    }
    guard !places.isEmpty else { throw MediaError(.malformed, .decode, "the video stream has no pictures") }
    let extra = Self.extra(format)
    guard extra.count <= limits.metadataValueBytes else {
      throw MediaError(.limitExceeded, .decode, "a stream format of \(format.data.count) bytes")
    }
    var order = StreamOrder(codec, config: try reader.bytes(extra.count, at: extra.lowerBound))
    for place in places { try order.add(place.size, at: place.offset, in: reader) }
    let ranks = try order.ranks()
    // Nothing says when a picture is shown but its place in the order of presentation, or when it is decoded.
    let delay = Self.reordering * Int64(scale)
    let samples = places.indices.map { index in
      VideoSample(
        offset: places[index].offset, size: places[index].size, dts: times[index] - delay,
        pts: times[ranks[index]], isSync: order.isSync[index])
    }
    video = CodedVideo(
      codec: codec, config: codec.isIntra ? [] : order.config, size: stream.track.size,
      orientation: .up, timescale: rate, samples: samples, start: times[0], isByteStream: true,
      objection: order.objection)
    self.chunks = chunks
    self.movie = movie
    self.stream = stream
  }

  /// Throws `malformed` for chunks that cannot be followed to their end, `unsupported` for several pictures in one.
  func requireEditable(_ input: InputFile) throws(MediaError) {
    if let defect = movie.defect { throw MediaError(.malformed, .decode, defect) }
    guard video.codec == .mpeg4 else { return }
    for sample in video.samples where MPEG4Stream.isPacked(try input.read(sample.size, at: sample.offset)) {
      throw MediaError(
        .unsupported, .decode,
        "several pictures stand in the chunk at offset \(sample.offset); unpack them first (`ffmpeg -i in.avi -c copy -bsf:v mpeg4_unpack_bframes out.avi`)"
      )
    }
  }

  /// What the codec has behind the description of its pictures.
  private static func extra(_ format: IFFChunk) -> Range<Int> {
    min(format.data.lowerBound + bitmapBytes, format.data.upperBound)..<format.data.upperBound
  }

  /// Ticks a picture, and ticks a second as the time base of MPEG-4 part 2 can still tell them.
  private static func timing(
    _ stream: AVIStream, _ reader: HeaderReader
  ) throws(MediaError) -> (scale: Int, rate: Int) {
    let start = stream.header.data.lowerBound
    let scale = Int(try reader.littleEndian(4, at: start + 20))
    let rate = Int(try reader.littleEndian(4, at: start + 24))
    guard scale > 0, rate > 0 else {
      throw MediaError(.malformed, .decode, "the video stream has \(rate) pictures in \(scale) seconds")
    }
    var (divisor, rest) = (rate, scale)
    while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
    let (short, ticks) = (scale / divisor, rate / divisor)
    guard ticks > 0xFFFF else { return (short, ticks) }
    let rounded = Double(short) / Double(ticks) * 60_000
    return rounded < 1 ? (1, 60_000) : (Int(rounded.rounded()), 60_000)
  }
}
