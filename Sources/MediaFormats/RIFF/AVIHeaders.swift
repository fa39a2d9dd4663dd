internal import MediaCore

/// One stream of an AVI file.
struct AVIStream {
  /// The number that the names of its chunks begin with.
  let number: Int
  let track: MediaTrack
  /// Seconds it plays; nil when its header does not say.
  let seconds: Double?
  /// Its name, a `strn` chunk.
  let name: IFFChunk?
  /// Its OpenDML index, an `indx` chunk.
  let index: IFFChunk?
  /// Its header, a `strh` chunk.
  let header: IFFChunk
  /// Its format, a `strf` chunk.
  let format: IFFChunk?
}

/// The header list `hdrl`: main header, stream lists, OpenDML extension.
struct AVIHeaders {
  private(set) var microseconds = 0
  private(set) var frames = 0
  private(set) var streams: [AVIStream] = []
  /// The main header, an `avih` chunk.
  private(set) var main: IFFChunk?
  private var lists = 0
  private let reader: HeaderReader

  init(_ header: IFFChunk, _ reader: HeaderReader, limits: Limits) throws(MediaError) {
    self.reader = reader
    for chunk in try header.children(reader, order: .little, limits: limits) {
      switch chunk.id {
      case "avih" where chunk.data.count >= 20:
        microseconds = try number(chunk, 0)
        frames = try number(chunk, 16)
        if chunk.data.count >= 32 { main = chunk }
      case "LIST":
        let type = try chunk.type(reader)
        guard type == "strl" || type == "odml" else { continue }
        let parts = try chunk.children(reader, order: .little, limits: limits)
        if type == "strl" {
          if let stream = try stream(parts) { streams.append(stream) }
          lists += 1
        } else if let part = parts.first(where: { $0.id == "dmlh" }), part.data.count >= 4 {
          // The main header counts the frames of the first segment only.
          frames = max(frames, try number(part, 0))
        }
      default: break
      }
    }
  }

  private func number(_ chunk: IFFChunk, _ offset: Int) throws(MediaError) -> Int {
    Int(try reader.littleEndian(4, at: chunk.data.lowerBound + offset))
  }

  private func stream(_ parts: [IFFChunk]) throws(MediaError) -> AVIStream? {
    guard let header = parts.first(where: { $0.id == "strh" }), header.data.count >= 36 else { return nil }
    let type = TextCoding.latin1(try reader.bytes(4, at: header.data.lowerBound))
    let (scale, rate, length) = (try number(header, 20), try number(header, 24), try number(header, 32))
    let format = parts.first { $0.id == "strf" }
    return AVIStream(
      number: lists, track: try track(type, header, format),
      seconds: scale > 0 && rate > 0 && length > 0 ? Double(length) * Double(scale) / Double(rate) : nil,
      name: parts.first { $0.id == "strn" }, index: parts.first { $0.id == "indx" },
      header: header, format: format)
  }

  private func track(
    _ type: String, _ header: IFFChunk, _ format: IFFChunk?
  ) throws(MediaError) -> MediaTrack {
    switch type {
    case "vids", "iavs":
      let handler = code(try reader.bytes(4, at: header.data.lowerBound + 4))
      guard let format, format.data.count >= 20 else { return MediaTrack(kind: .video, codec: handler) }
      let compression = code(try reader.bytes(4, at: format.data.lowerBound + 16))
      // A negative height is a picture stored from the top.
      let height = Int(Int32(truncatingIfNeeded: try number(format, 8))).magnitude
      return MediaTrack(
        kind: .video, codec: compression,
        size: PixelSize(
          width: Int(Int32(truncatingIfNeeded: try number(format, 4)).magnitude), height: Int(height)))
    case "auds":
      guard let format,
        let wave = WaveFormat(try reader.bytes(min(40, format.data.count), at: format.data.lowerBound))
      else { return MediaTrack(kind: .audio, codec: "unknown") }
      return MediaTrack(
        kind: .audio, codec: wave.codec, sampleRate: wave.sampleRate, channels: wave.channels)
    default: return MediaTrack(kind: type == "txts" ? .subtitle : .data, codec: type)
    }
  }

  /// A code of four letters, or its number: uncompressed pictures have 0.
  private func code(_ bytes: [UInt8]) -> String {
    bytes.allSatisfy { (0x20...0x7E).contains($0) }
      ? TextCoding.latin1(bytes)
      : "0x" + String(bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }, radix: 16)
  }
}
