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
    let description = try Description(structure, in: input)
    stream = description.stream
    movie = try AVIMovie(structure, stream: stream.number, AVIMovie.sound, in: input, limits: limits)
    chunks = movie.chunks.filter { !$0.data.isEmpty }
    sound = description.sound(in: chunks)
  }

  /// What the headers say of the first sound stream.
  struct Description {
    let stream: AVIStream
    private let format: WaveFormat
    private let codec: SoundCodec
    private let others: Int

    /// Throws `unsupported` for a file without sound, or with sound that is not decoded here.
    init(_ structure: AVIStructure, in input: InputFile) throws(MediaError) {
      let streams = structure.streams.filter { $0.track.kind == .audio }
      guard let stream = streams.first, let place = stream.format else {
        throw MediaError(.unsupported, .decode, "the file has no sound")
      }
      let reader = HeaderReader(input, windowBytes: 512)
      let bytes = try reader.bytes(min(40, place.data.count), at: place.data.lowerBound)
      guard let format = WaveFormat(bytes) else {
        throw MediaError(.malformed, .decode, "a stream format of \(bytes.count) bytes")
      }
      if let coding = PCMCoding(format), (1...768_000).contains(format.sampleRate) {
        codec = .pcm(coding)
      } else if format.tag == layer3, try isCounted(stream, reader) {
        codec = .mp3
      } else {
        throw MediaError(
          .unsupported, .decode,
          "sound coded as \(format.codec) in AVI is not coded anew; PCM is, and MP3 of one frame a chunk")
      }
      self.stream = stream
      self.format = format
      others = streams.count - 1
    }

    /// The stream's chunks as packets.
    func sound(in chunks: [AVIMovie.Chunk]) -> CodedSound {
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
      return CodedSound(
        codec: codec, config: [], packets: packets, timescale: format.sampleRate, rate: format.sampleRate,
        skipped: 0, others: others)
    }
  }

  /// Whether time is counted in chunks (dwSampleSize is zero) and not in bytes, which would bind packets to their sizes.
  private static func isCounted(_ stream: AVIStream, _ reader: HeaderReader) throws(MediaError) -> Bool {
    guard stream.header.data.count >= 48 else { return false }
    return try reader.littleEndian(4, at: stream.header.data.lowerBound + 44) == 0
  }
}

/// The sound of an AVI file as its index lists it, all in one piece.
struct AVISoundPieces: SoundPieces {
  private let sound: CodedSound

  /// Throws `unsupported` for a file without an index that fits to it.
  init(_ structure: AVIStructure, in input: InputFile, limits: Limits) throws(MediaError) {
    let description = try AVISoundTrack.Description(structure, in: input)
    let names = AVIMovie.names(of: description.stream.number, AVIMovie.sound)
    let most = limits.indexBytes / (MemoryLayout<AVIMovie.Chunk>.stride + MemoryLayout<VideoSample>.stride)
    let index = AVIChunkIndex(structure, description.stream, named: names, most: most, in: input)
    let chunks = index?.chunks.filter { !$0.data.isEmpty } ?? []
    guard !chunks.isEmpty else {
      throw MediaError(.unsupported, .decode, "no index lists the sound as it stands in the file")
    }
    sound = description.sound(in: chunks)
  }

  func opening() throws(MediaError) -> CodedSound { sound }
  func closing() throws(MediaError) -> CodedSound { sound }
  func piece(of seconds: Range<Double>) throws(MediaError) -> CodedSound { sound }
}
