internal import MediaCore

/// An opened ADTS stream: its tags and the header of its first frame.
final class ADTSFile: HeardFile, ReadOnlyFile {
  let info: MediaInfo
  let metadata: [MetadataItem]
  let heard: HeardSound
  private let input: InputFile

  init(_ reader: HeaderReader, format: FormatID, limits: Limits) throws(MediaError) {
    input = reader.input
    let tags = try ID3Tag.run(from: 0, in: reader, limits: limits)
    let start = tags.last?.header.end ?? 0
    guard start <= reader.size - ADTSHeader.length,
      let header = ADTSHeader(try reader.bytes(ADTSHeader.length, at: start)[...])
    else { throw MediaError(.malformed, .decode, "no ADTS frame was found at offset \(start)") }
    // The stream does not say how long it plays; only counting all frames would.
    info = MediaInfo(
      format: format, kind: .audio, duration: nil,
      tracks: [
        MediaTrack(
          kind: .audio, codec: "AAC object type \(header.objectType)", sampleRate: header.sampleRate,
          channels: header.channels)
      ], bitDepth: 16)
    var list = MetadataList(limits: limits)
    for tag in tags { try ID3Site(tag: tag, isRegularPlace: false).add(to: &list) }
    try TrailingTags(reader, notBefore: start, limits: limits).add(to: &list, reader)
    metadata = list.items
    heard = HeardSound(reader.input, container: "aac", duration: info.duration)
  }

  var remuxer: Remuxer { Remuxer(input: input, container: "aac", targets: ADTSFormat.targets) }
}
