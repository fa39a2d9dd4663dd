internal import MediaCore

/// An opened AVI file: its headers and metadata; `movi` is not entered.
final class AVIFile: MediaFile {
  let info: MediaInfo
  let metadata: [MetadataItem]
  private let reader: HeaderReader
  private let structure: AVIStructure
  private let limits: Limits

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
    self.reader = reader
    self.structure = structure
    self.limits = limits
  }

  private func requireWhole() throws(MediaError) {
    guard !structure.isTruncated else {
      throw MediaError(
        .malformed, .metadata,
        "the file ends before its chunks do, or was never finished; repair it first (`ffmpeg -i in.avi -c copy out.avi`)"
      )
    }
  }

  func write(
    to output: OutputFile, changes: MetadataChanges, edit: MediaEdit
  ) throws(MediaError) -> RewriteNotes {
    try requireWhole()
    try RIFFMetadataEdit.requireLetters(changes.set)
    let (video, coding) =
      try edit.frames.map { (frames) throws(MediaError) in
        try recode(frames, beside: output)
      } ?? (nil, nil)
    let metadata = RIFFMetadataEdit(removing: changes.remove, reader: reader, limits: limits)
    var result = AVIEdit(structure: structure, edit: metadata, video: video)
    try result.apply(changes.set)
    try result.edit.edits.write(reader.input, to: output)
    return RewriteNotes(result.edit.notes, coding: coding)
  }
}

extension AVIFile: FrameMediaFile {
  func visitFrames(_ sampling: FrameSampling, _ visitor: FrameVisitor) throws(MediaError) {
    let track = try AVIVideoTrack(structure, in: reader.input, limits: limits)
    try VideoReading(video: track.video, input: reader.input).visit(sampling, visitor)
  }

  /// The pictures that `edit` reaches, coded anew; none where it reaches none.
  private func recode(
    _ edit: FrameEdit, beside output: OutputFile
  ) throws(MediaError) -> (AVIVideoEdit?, CodingPlan?) {
    let track = try AVIVideoTrack(structure, in: reader.input, limits: limits)
    try track.requireEditable(reader.input)
    let recoded = try VideoRecoder(video: track.video, input: reader.input, edit: edit).recode(beside: output)
    guard !recoded.segments.isEmpty else { return (nil, recoded.coding) }
    return (try AVIVideoEdit(track, recoded, of: structure, in: reader), recoded.coding)
  }
}
