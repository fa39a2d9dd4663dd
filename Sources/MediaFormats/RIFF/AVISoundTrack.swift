internal import MediaCore

/// The first sound stream of an AVI file, as packets that can be decoded.
struct AVISoundTrack {
  let sound: CodedSound
  /// One for each packet.
  let chunks: [AVIMovie.Chunk]
  let movie: AVIMovie
  let stream: AVIStream

  private static let layer3 = 0x55

  /// Throws `unsupported` for a file without sound, or with sound that is not decoded here.
  init(_ structure: AVIStructure, in input: InputFile, limits: Limits) throws(MediaError) {
    let streams = structure.streams.filter { $0.track.kind == .audio }
    guard let stream = streams.first, let place = stream.format else {
      throw MediaError(.unsupported, .decode, "the file has no sound")
    }
    let reader = HeaderReader(input, windowBytes: 512)
    let bytes = try reader.bytes(min(40, place.data.count), at: place.data.lowerBound)
    guard let format = WaveFormat(bytes) else {
      throw MediaError(.malformed, .decode, "a stream format of \(bytes.count) bytes")
    }
    let movie = try AVIMovie(structure, stream: stream.number, AVIMovie.sound, in: input, limits: limits)
    chunks = movie.chunks.filter { !$0.data.isEmpty }
    let codec: SoundCodec
    if let coding = PCMCoding(format), (1...768_000).contains(format.sampleRate) {
      codec = .pcm(coding)
    } else if format.tag == Self.layer3, try Self.isCounted(stream, reader) {
      codec = .mp3
    } else {
      throw MediaError(
        .unsupported, .decode,
        "sound coded as \(format.codec) in AVI is not coded anew; PCM is, and MP3 of one frame a chunk")
    }
    var count = 0
    let packets = chunks.enumerated().map { index, chunk in
      var time = index
      if case .pcm(let coding) = codec {
        time = count
        count += chunk.data.count / coding.blockBytes
      }
      return VideoSample(
        offset: chunk.data.lowerBound, size: chunk.data.count, dts: Int64(time), pts: Int64(time),
        isSync: true)
    }
    sound = CodedSound(
      codec: codec, config: [], packets: packets, timescale: format.sampleRate, rate: format.sampleRate,
      skipped: 0, others: streams.count - 1)
    self.movie = movie
    self.stream = stream
  }

  /// Whether time is counted in chunks (dwSampleSize is zero) and not in bytes, which would bind packets to their sizes.
  private static func isCounted(_ stream: AVIStream, _ reader: HeaderReader) throws(MediaError) -> Bool {
    guard stream.header.data.count >= 48 else { return false }
    return try reader.littleEndian(4, at: stream.header.data.lowerBound + 44) == 0
  }
}
