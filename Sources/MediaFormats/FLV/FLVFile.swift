internal import MediaCore

/// An opened FLV file: its script tags and the heads of its first frames.
final class FLVFile: MediaFile {
  let info: MediaInfo
  let metadata: [MetadataItem]
  private let reader: HeaderReader
  private let structure: FLVStructure
  private let scripts: [FLVScript]
  private let limits: Limits
  // A walk through all tags, which looks at several windows of a film need once.
  private var walked: FLVVideoTrack?

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
    self.reader = reader
    self.structure = structure
    self.scripts = scripts
    self.limits = limits
  }

  func write(
    to output: OutputFile, changes: MetadataChanges, edit: MediaEdit
  ) throws(MediaError) -> RewriteNotes {
    let (video, coding) =
      try edit.frames.map { (frames) throws(MediaError) in
        try recode(frames, beside: output)
      } ?? (nil, nil)
    let edits = try FLVMetadataEdit.edits(
      for: changes, of: scripts, firstTag: structure.firstTag, fileSize: reader.size, video: video,
      limits: limits)
    try edits.write(reader.input, to: output)
    return RewriteNotes(coding: coding)
  }
}

extension FLVFile: FrameMediaFile {
  func visitFrames(_ sampling: FrameSampling, _ visitor: FrameVisitor) throws(MediaError) {
    try VideoReading(video: try videoTrack().video, input: reader.input).visit(sampling, visitor)
  }

  /// The pictures that `edit` reaches, coded anew; none where it reaches none.
  private func recode(
    _ edit: FrameEdit, beside output: OutputFile
  ) throws(MediaError) -> (FLVVideoEdit?, CodingPlan?) {
    let track = try videoTrack()
    guard !track.isTruncated else {
      throw MediaError(
        .malformed, .decode,
        "the file ends inside a tag; repair it first (`ffmpeg -i in.flv -c copy out.flv`)")
    }
    let recoded = try VideoRecoder(video: track.video, input: reader.input, edit: edit).recode(beside: output)
    guard !recoded.segments.isEmpty else { return (nil, recoded.coding) }
    return (try FLVVideoEdit(track, recoded, fileSize: reader.size), recoded.coding)
  }

  private func videoTrack() throws(MediaError) -> FLVVideoTrack {
    if let walked { return walked }
    let size = info.tracks.first { $0.kind == .video }?.size
    let track = try FLVVideoTrack(
      structure, size: size ?? PixelSize(width: 0, height: 0), in: reader, limits: limits)
    walked = track
    return track
  }
}
