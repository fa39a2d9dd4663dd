internal import MediaCore

/// An opened MP3: its tags and the header of its first frame.
final class MP3File: HeardFile {
  let info: MediaInfo
  let metadata: [MetadataItem]
  let heard: HeardSound
  private let reader: HeaderReader
  private let tags: [ID3Tag]
  private let trailing: TrailingTags
  private let limits: Limits
  /// Where the first frame stands.
  private let start: Int
  private let header: MPEGAudioHeader
  private var scanned: MPEGAudioScan?

  init(_ reader: HeaderReader, tags: [ID3Tag], format: FormatID, limits: Limits) throws(MediaError) {
    let start = tags.last?.header.end ?? 0
    guard start < reader.size, let (offset, header) = try Self.firstFrame(from: start, reader) else {
      throw MediaError(
        .malformed, .decode, "no frame of MPEG audio was found within 64 KiB of offset \(start)")
    }
    let trailing = try TrailingTags(reader, notBefore: offset, limits: limits)
    info = MediaInfo(
      format: format, kind: .audio,
      duration: try MP3Duration.seconds(header, at: offset, end: trailing.start, reader),
      tracks: [
        MediaTrack(
          kind: .audio,
          codec: "MPEG-\(header.version == 3 ? "2.5" : "\(header.version)") layer \(header.layer)",
          sampleRate: header.sampleRate, channels: header.channels)
      ], bitDepth: 16)
    var list = MetadataList(limits: limits)
    for (index, tag) in tags.enumerated() {
      try ID3Site(tag: tag, isRegularPlace: index == 0).add(to: &list)
    }
    try trailing.add(to: &list, reader)
    metadata = list.items
    heard = HeardSound(reader.input, container: "mp3", duration: info.duration)
    self.reader = reader
    self.tags = tags
    self.trailing = trailing
    self.limits = limits
    self.start = offset
    self.header = header
  }

  /// The first frame that others follow; encoders and cutters leave zeros and half frames in front.
  private static func firstFrame(
    from start: Int, _ reader: HeaderReader
  ) throws(MediaError) -> (Int, MPEGAudioHeader)? {
    let bytes = try reader.bytes(min(1 << 16, reader.size - start), at: start)
    var fallback: (Int, MPEGAudioHeader)?
    for index in bytes.indices where bytes[index] == 0xFF {
      guard let header = MPEGAudioHeader(bytes[index...]) else { continue }
      if MPEGAudioHeader.count(in: bytes, at: index) > 1 { return (start + index, header) }
      // A file of one frame.
      if index == 0 { fallback = (start, header) }
    }
    return fallback
  }

  func write(
    to output: OutputFile, changes: MetadataChanges, edit: MediaEdit
  ) throws(MediaError) -> RewriteNotes {
    var (edits, notes) = try edits(for: changes)
    let coding = try edit.sound.map { (sound) throws(MediaError) in
      try recode(sound, beside: output, &edits, &notes)
    }
    try edits.write(reader.input, to: output)
    return RewriteNotes(notes, coding: coding)
  }

  private func edits(for changes: MetadataChanges) throws(MediaError) -> (ByteEdits, notes: [String]) {
    var edits = ByteEdits()
    var (rest, notes) = try trailing.remove(changes.remove, from: &edits, reader, limits: limits)
    if tags.isEmpty, !changes.set.isEmpty { try edits.insert(try ID3Edit.newTag(changes.set), at: 0) }
    for (index, tag) in tags.enumerated() {
      let range = UInt64(tag.header.offset)..<UInt64(tag.header.end)
      let own = rest.filter { range.contains($0.offset) }
      rest.removeAll { range.contains($0.offset) }
      let properties = index == 0 ? changes.set : []
      guard !own.isEmpty || !properties.isEmpty else { continue }
      let edit = ID3Edit(ID3Site(tag: tag, isRegularPlace: index == 0), limits: limits)
      notes += try edit.apply(removing: own, setting: properties, to: &edits)
    }
    if let item = rest.first { throw .unknownSite(item) }
    return (edits, notes)
  }

  /// With the samples counted: many files have no header that says how many there are, and where several were put
  /// together it speaks of the first.
  var audio: AudioInfo? {
    guard let info = heard.info, let scan = try? scan() else { return heard.info }
    let count = scan.samples - ((try? MP3Duration.gap(header, at: start, reader)) ?? 0)
    return AudioInfo(sampleRate: info.sampleRate, channels: info.channels, count: max(0, count))
  }

  func objection(toEditing part: MediaPart) -> MediaError? {
    guard part == .sound, header.layer == 3 else {
      return MediaError(
        .unsupported, .encode,
        "MPEG audio layer \(header.layer) is not coded anew; layer 3 is: convert it with `-c:a libmp3lame`")
    }
    return heard.failure
  }

  private func scan() throws(MediaError) -> MPEGAudioScan {
    if let scanned { return scanned }
    let scan = try MPEGAudioScan(header, from: start, to: trailing.start, reader)
    scanned = scan
    return scan
  }

  /// Puts frames coded anew in the place of all.
  private func recode(
    _ edit: AudioEdit, beside output: OutputFile, _ edits: inout ByteEdits, _ notes: inout [String]
  ) throws(MediaError) -> CodingPlan {
    let scan = try scan()
    let spool = try CodedSpool(beside: output)
    let result = try MP3Recoding(input: reader.input, scan: scan, edit: edit).code(into: spool)
    // What follows the last frame and is no piece of another is kept.
    let rest = try reader.bytes(min(2, trailing.start - scan.end), at: scan.end)
    let isCut = rest.count == 2 && rest[0] == 0xFF && rest[1] >= 0xE0
    try edits.insert(result.tag, at: start)
    try edits.replace(
      start..<(isCut ? trailing.start : scan.end), with: result.frames, of: try spool.file())
    notes.append(result.note)
    return result.coding
  }
}
