internal import MediaCore

/// The RIFF segments of an AVI file and the chunks in them.
struct AVIStructure {
  /// A RIFF form and its chunks; `movi` is not entered.
  struct Segment {
    let form: IFFChunk
    let chunks: [IFFChunk]
    /// The list of the samples.
    let movie: IFFChunk?
  }

  let segments: [Segment]
  /// Streams in their order.
  let streams: [AVIStream]
  /// The main header.
  let main: IFFChunk?
  /// Microseconds a frame and frames, from the main header and its extension.
  let timing: (microseconds: Int, frames: Int)
  /// The innermost chunk that the file ends inside of.
  let cut: IFFChunk?
  /// Whether sizes were never written.
  let isUnfinished: Bool

  /// Throws `malformed` for a file without header list.
  init(_ reader: HeaderReader, limits: Limits) throws(MediaError) {
    let forms = try IFFChunk.all(in: 0..<reader.size, reader, order: .little, limits: limits) {
      (id, start, size) throws(MediaError) in
      // A capture that was cut off left the size open.
      id == "RIFF" && size == 0 ? UInt64(reader.size - start) : size
    }
    var segments: [Segment] = []
    var cut = forms.last { !$0.isWhole }
    var isUnfinished = forms.isEmpty
    var count = 0
    for form in forms where form.id == "RIFF" {
      let type = try form.type(reader)
      guard type == (segments.isEmpty ? "AVI " : "AVIX") else { continue }
      let chunks = try form.children(reader, order: .little, limits: limits)
      var movie: IFFChunk?
      for chunk in chunks where chunk.id == "LIST" && movie == nil {
        if try chunk.type(reader) == "movi" { movie = chunk }
      }
      let stored = try reader.littleEndian(4, at: form.offset + 4)
      if stored == 0 || movie?.data.count == 0 { isUnfinished = true }
      cut = chunks.last { !$0.isWhole } ?? cut
      segments.append(Segment(form: form, chunks: chunks, movie: movie))
      count += chunks.count + 1
      guard count <= limits.metadataItems else {
        throw MediaError(
          .limitExceeded, .decode, "more than \(limits.metadataItems) chunks in the RIFF segments")
      }
    }
    var header: IFFChunk?
    for chunk in segments.first?.chunks ?? [] where chunk.id == "LIST" && header == nil {
      if try chunk.type(reader) == "hdrl" { header = chunk }
    }
    guard let header else {
      throw MediaError(.malformed, .decode, "no list 'hdrl' stands in the first RIFF segment of the AVI file")
    }
    let headers = try AVIHeaders(header, reader, limits: limits)
    streams = headers.streams
    main = headers.main
    timing = (headers.microseconds, headers.frames)
    self.segments = segments
    self.cut = cut
    self.isUnfinished = isUnfinished
  }

  /// What the headers say.
  func info(_ format: FormatID) -> MediaInfo {
    let seconds = streams.compactMap(\.seconds).max()
    let main = timing.microseconds > 0 ? Double(timing.microseconds) * Double(timing.frames) / 1e6 : nil
    return MediaInfo(
      format: format, kind: streams.contains { $0.track.kind == .video } ? .video : .audio,
      duration: seconds ?? main, tracks: streams.map(\.track),
      bitDepth: streams.contains { $0.track.kind == .video } ? 8 : 16)
  }
}
