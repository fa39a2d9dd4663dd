internal import MediaCore

/// An opened AVI file: its headers and metadata; `movi` is not entered.
final class AVIFile: MediaFile {
  let info: MediaInfo
  let metadata: [MetadataItem]
  private let reader: HeaderReader
  private let structure: AVIStructure
  private let limits: Limits
  let heard: HeardSound
  var walkedSound: Result<(track: AVISoundTrack, sound: PacketSound), MediaError>?
  var glanced: Result<SoundGlance, MediaError>?

  init(_ reader: HeaderReader, format: FormatID, limits: Limits) throws(MediaError) {
    let structure = try AVIStructure(reader, limits: limits)
    info = structure.info(format)
    var list = MetadataList(limits: limits)
    for stream in structure.streams {
      guard let chunk = stream.name, chunk.data.count <= list.room else { continue }
      let bytes = try reader.bytes(chunk.data.count, at: chunk.data.lowerBound)
      try list.addText(
        .riff, namespace: "strl", name: chunk.id, value: TextCoding.text(TextCoding.trimmed(bytes[...])),
        offset: chunk.offset, path: "strl \(chunk.id)", isRegularPlace: false)
    }
    let metadata = RIFFMetadata(reader: reader, hasOwnChunk: false)
    for (index, segment) in structure.segments.enumerated() {
      for chunk in segment.chunks { try metadata.add(chunk, isInForm: index == 0, to: &list) }
    }
    self.metadata = list.items
    heard = HeardSound(reader.input, container: "avi", duration: info.duration)
    self.reader = reader
    self.structure = structure
    self.limits = limits
  }

  var truncation: MediaError? {
    if structure.isUnfinished {
      return MediaError(
        .malformed, .decode,
        "the recording was never finished: the sizes of its lists are missing; finish it (`ffmpeg -fflags +discardcorrupt -i in.avi -map 0 -c copy out.avi`)"
      )
    }
    return structure.cut.map {
      .cut(
        at: reader.size, inside: "chunk '\($0.id)' at offset \($0.offset)", endingAt: $0.announcedEnd,
        as: info.format)
    }
  }

  func write(
    to output: OutputFile, changes: MetadataChanges, edit: MediaEdit
  ) throws(MediaError) -> RewriteNotes {
    try RIFFMetadataEdit.requireLetters(changes.set)
    let sound = try edit.sound.map { (sound) throws(MediaError) in try recode(sound, beside: output) }
    let video = try edit.frames.map { (frames) throws(MediaError) in try recode(frames, beside: output) }
    let isEdited = sound != nil || video?.recoded.segments.isEmpty == false
    let media =
      isEdited ? try AVIMediaEdit(video: video, sound: sound, of: structure, in: reader) : nil
    let metadata = RIFFMetadataEdit(removing: changes.remove, reader: reader, limits: limits)
    var result = AVIEdit(structure: structure, edit: metadata, media: media)
    try result.apply(changes.set)
    try result.edit.edits.write(reader.input, to: output)
    let isFilm = info.kind == .video
    return RewriteNotes(
      result.edit.notes + (sound.map { [$0.recoded.note] } ?? []),
      coding: isFilm ? video?.recoded.coding : sound?.recoded.coding,
      sound: isFilm ? sound?.recoded.coding : nil)
  }
}

extension AVIFile: FrameMediaFile {
  func visitFrames(_ sampling: FrameSampling, _ visitor: FrameVisitor) throws(MediaError) {
    let end = sampling.spans.intervals.last?.upperBound ?? 0
    let track = try AVIVideoTrack(structure, until: end, in: reader.input, limits: limits)
    try VideoReading(video: track.video, input: reader.input).visit(sampling, visitor)
  }

  private func recode(
    _ edit: FrameEdit, beside output: OutputFile
  ) throws(MediaError) -> (track: AVIVideoTrack, recoded: RecodedVideo) {
    let track = try AVIVideoTrack(structure, in: reader.input, limits: limits)
    try track.requireEditable(reader.input)
    return (
      track, try VideoRecoder(video: track.video, input: reader.input, edit: edit).recode(beside: output)
    )
  }
}

extension AVIFile: PacketSoundFile {
  func findSound() throws(MediaError) -> (track: AVISoundTrack, sound: PacketSound) {
    let track = try AVISoundTrack(structure, in: reader.input, limits: limits)
    return (track, try PacketSound(track.sound, in: reader.input))
  }

  var countedSeconds: Double { limits.countedSeconds }
  var soundInput: InputFile { reader.input }

  func soundPieces() throws(MediaError) -> any SoundPieces {
    try AVISoundPieces(structure, in: reader.input, limits: limits)
  }

  private func recode(
    _ edit: AudioEdit, beside output: OutputFile
  ) throws(MediaError) -> (track: AVISoundTrack, recoded: RecodedSound) {
    let (track, sound) = try soundTrack()
    if let defect = track.movie.defect { throw MediaError(.malformed, .decode, defect) }
    return (track, try SoundRecoder(sound: sound, edit: edit).recode(beside: output))
  }
}
