internal import MediaCore

/// An opened AIFF: its chunks but for the sound.
final class AIFFFile: HeardFile, ReadOnlyFile {
  let info: MediaInfo
  let metadata: [MetadataItem]
  let heard: HeardSound
  private let input: InputFile

  init(_ reader: HeaderReader, format: FormatID, limits: Limits) throws(MediaError) {
    input = reader.input
    guard reader.size >= 12 else {
      throw MediaError(.malformed, .decode, "file of \(reader.size) bytes is too short for an AIFF form")
    }
    let chunks = try IFFChunk.all(in: 12..<reader.size, reader, order: .big, limits: limits)
    guard let common = chunks.first(where: { $0.id == "COMM" }), common.data.count >= 18 else {
      throw MediaError(.malformed, .decode, "no COMM chunk among the \(chunks.count) chunks of the AIFF form")
    }
    info = try Self.info(common, format: format, reader)
    var list = MetadataList(limits: limits)
    for chunk in chunks { try Self.add(chunk, to: &list, reader) }
    metadata = list.items
    heard = HeardSound(reader.input, container: "aiff", duration: info.duration)
  }

  private static func info(
    _ common: IFFChunk, format: FormatID, _ reader: HeaderReader
  ) throws(MediaError) -> MediaInfo {
    let bytes = try reader.bytes(min(22, common.data.count), at: common.data.lowerBound)
    let rate = extended(bytes[8..<18])
    let isKnown = rate >= 1 && rate < 1e9
    let codec = bytes.count >= 22 ? TextCoding.latin1(bytes[18..<22]) : "PCM"
    let depth = Int(bytes[6]) << 8 | Int(bytes[7])
    return MediaInfo(
      format: format, kind: .audio, duration: isKnown ? Double(bytes[2...].bigEndian32) / rate : nil,
      tracks: [
        MediaTrack(
          kind: .audio, codec: codec, sampleRate: isKnown ? Int(rate.rounded()) : 0,
          channels: Int(bytes[0]) << 8 | Int(bytes[1]))
      ], bitDepth: depth)
  }

  /// An 80-bit number of IEEE 754; zero for what no rate can be.
  private static func extended(_ bytes: ArraySlice<UInt8>) -> Double {
    let exponent = Int(bytes.bigEndian32 >> 16) - 16383
    let mantissa = bytes.dropFirst(2).reduce(0) { $0 << 8 | UInt64($1) }
    guard (0..<63).contains(exponent) else { return 0 }
    return Double(mantissa) / Double(UInt64(1) << (63 - exponent))
  }

  private static func add(
    _ chunk: IFFChunk, to list: inout MetadataList, _ reader: HeaderReader
  ) throws(MediaError) {
    switch chunk.id {
    case "NAME", "AUTH", "ANNO", "(c) ", "AIGC", "aigc":
      let isRead = chunk.data.count <= list.room
      let bytes = isRead ? try reader.bytes(chunk.data.count, at: chunk.data.lowerBound) : []
      try list.addText(
        .aiff, namespace: "AIFF", name: chunk.id,
        value: isRead ? TextCoding.text(TextCoding.trimmed(bytes[...])) : nil, offset: chunk.offset,
        path: "AIFF \(chunk.id)", isRegularPlace: false)
    case "ID3 ", "id3 ":
      guard let header = try ID3Header(at: chunk.data.lowerBound, in: reader) else { return }
      let tag = try ID3Tag(header, in: reader, limits: list.limits)
      try ID3Site(tag: tag, isRegularPlace: false, prefix: "AIFF \(chunk.id)chunk ").add(to: &list)
    case "APPL":
      // Applications' own data; XMP part 3 1.1.6 gives it the signature "XMP ".
      guard try chunk.type(reader) == "XMP ", chunk.data.count <= list.room else { return }
      let packet = try reader.bytes(chunk.data.count - 4, at: chunk.data.lowerBound + 4)
      try list.addPacket(packet, offset: chunk.offset, path: "AIFF APPL XMP", isRegularPlace: false)
    case "C2PA": try list.addContentCredentials(offset: chunk.offset, path: "AIFF C2PA")
    default: break
    }
  }

  var remuxer: Remuxer { Remuxer(input: input, container: "aiff", targets: AIFFFormat.targets) }
}
