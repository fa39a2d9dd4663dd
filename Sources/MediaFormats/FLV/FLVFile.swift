internal import MediaCore

/// An opened FLV file: its script tags and the heads of its first frames.
final class FLVFile: MediaFile {
  let info: MediaInfo
  let metadata: [MetadataItem]
  private let reader: HeaderReader
  private let structure: FLVStructure
  private let scripts: [FLVScript]
  private let limits: Limits
  let heard: HeardSound
  // A walk through all tags, which looks at several windows of a film need once.
  private var walked: (track: FLVVideoTrack, end: Double)?
  var glanced: Result<SoundGlance, MediaError>?
  var walkedSound: Result<(track: FLVSoundTrack, sound: PacketSound), MediaError>?

  init(_ input: InputFile, format: FormatID, limits: Limits) throws(MediaError) {
    let reader = HeaderReader(input, windowBytes: 256)
    let structure = try FLVStructure(reader)
    var budget = limits.indexBytes
    var scripts: [FLVScript] = []
    var items: [MetadataItem] = []
    for tag in structure.scripts {
      let script = try FLVScript(tag, in: reader, budget: &budget, limits: limits)
      let isFirst = script.isDescription && !scripts.contains(where: \.isDescription)
      items += try script.items(isFirst: isFirst, limits: limits)
      guard items.count <= limits.metadataItems else {
        throw .tooMany("metadata items", limits.metadataItems)
      }
      scripts.append(script)
    }
    let tracks = try FLVTracks(structure, scripts.first(where: \.isDescription), in: reader)
    info = MediaInfo(
      format: format, kind: tracks.hasVideo ? .video : .audio, duration: tracks.duration, tracks: tracks.all)
    metadata = items
    heard = HeardSound(input, container: "flv", duration: info.duration)
    self.reader = reader
    self.structure = structure
    self.scripts = scripts
    self.limits = limits
  }

  func write(
    to output: OutputFile, changes: MetadataChanges, edit: MediaEdit
  ) throws(MediaError) -> RewriteNotes {
    let sound = try edit.sound.map { (sound) throws(MediaError) in try recode(sound, beside: output) }
    let video = try edit.frames.map { (frames) throws(MediaError) in try recode(frames, beside: output) }
    let media =
      edit.parts.isEmpty ? nil : try FLVMediaEdit(video: video, sound: sound, fileSize: reader.size)
    let edits = try FLVMetadataEdit.edits(
      for: changes, of: scripts, firstTag: structure.firstTag, fileSize: reader.size, media: media,
      limits: limits)
    try edits.write(reader.input, to: output)
    let isFilm = info.kind == .video
    return RewriteNotes(
      sound.map { [$0.recoded.note] } ?? [], coding: isFilm ? video?.recoded.coding : sound?.recoded.coding,
      sound: isFilm ? sound?.recoded.coding : nil)
  }
}

extension FLVFile: FrameMediaFile {
  /// Throws `malformed` where the file ends inside of `tag`.
  private func requireWhole(_ tag: FLVTag?) throws(MediaError) {
    guard let tag else { return }
    throw .cut(
      at: reader.size, inside: "the tag at offset \(tag.offset)", endingAt: UInt64(tag.end), as: info.format)
  }

  func visitFrames(_ sampling: FrameSampling, _ visitor: FrameVisitor) throws(MediaError) {
    let end = sampling.spans.intervals.last?.upperBound ?? 0
    if let opening = walked, opening.end < end, let pieces = pieces(behind: opening.track, for: sampling) {
      return try pieces.visit(sampling, visitor)
    }
    try VideoReading(video: try videoTrack(until: end).video, input: reader.input).visit(sampling, visitor)
  }

  /// Nil for a film that is walked through, and for a look at all of it.
  private func pieces(behind opening: FLVVideoTrack, for sampling: FrameSampling) -> FLVVideoPieces? {
    guard let duration = info.duration, duration > limits.countedSeconds, sampling.spans.intervals.count == 1,
      sampling.spans.intervals.allSatisfy({ $0.upperBound < .infinity || sampling.limit < .max })
    else { return nil }
    return FLVVideoPieces(structure: structure, opening: opening, reader: reader, limits: limits)
  }

  private func recode(
    _ edit: FrameEdit, beside output: OutputFile
  ) throws(MediaError) -> (track: FLVVideoTrack, recoded: RecodedVideo) {
    let track = try videoTrack()
    try requireWhole(track.cut)
    return (
      track,
      try VideoRecoder(video: track.video, input: reader.input, edit: edit).recode(beside: output)
    )
  }

  /// The second look beyond what is known takes in all.
  private func videoTrack(until end: Double = .infinity) throws(MediaError) -> FLVVideoTrack {
    if let walked, walked.end >= end { return walked.track }
    let end = walked == nil ? end : .infinity
    let size = info.tracks.first { $0.kind == .video }?.size
    let track = try FLVVideoTrack(
      structure, until: end, size: size ?? PixelSize(width: 0, height: 0), in: reader, limits: limits)
    walked = (track, end)
    return track
  }
}

extension FLVFile: PacketSoundFile {
  func findSound() throws(MediaError) -> (track: FLVSoundTrack, sound: PacketSound) {
    let track = try FLVSoundTrack(structure, in: reader, limits: limits)
    return (track, try PacketSound(track.sound, in: reader.input))
  }

  func requireEditable(_ track: FLVSoundTrack) throws(MediaError) { try requireWhole(track.cut) }

  var countedSeconds: Double { limits.countedSeconds }
  var soundInput: InputFile { reader.input }

  func soundPieces() throws(MediaError) -> any SoundPieces {
    guard let end = try FLVStructure.lastTimestamp(in: reader) else {
      throw MediaError(.unsupported, .decode, "the end of the file leads to no tag")
    }
    return FLVSoundPieces(structure: structure, reader: reader, limits: limits, end: end)
  }

  private func recode(
    _ edit: AudioEdit, beside output: OutputFile
  ) throws(MediaError) -> (track: FLVSoundTrack, recoded: RecodedSound) {
    let (track, sound) = try soundTrack()
    return (track, try SoundRecoder(sound: sound, edit: edit).recode(beside: output))
  }
}
