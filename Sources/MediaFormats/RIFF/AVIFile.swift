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

  func rewrite(
    to output: OutputFile, changes: MetadataChanges, visitor: FrameVisitor?
  ) throws(MediaError) -> RewriteNotes {
    if visitor != nil { throw .framesNotDecoded(info.format) }
    return try rewrite(to: output, changes: changes, video: nil)
  }

  private func requireWhole() throws(MediaError) {
    guard !structure.isTruncated else {
      throw MediaError(
        .malformed, .metadata,
        "the file ends before its chunks do, or was never finished; repair it first (`ffmpeg -i in.avi -c copy out.avi`)"
      )
    }
  }

  /// With `video`, chunks hold pictures coded anew.
  private func rewrite(
    to output: OutputFile, changes: MetadataChanges, video: AVIVideoEdit?
  ) throws(MediaError) -> RewriteNotes {
    try requireWhole()
    try RIFFMetadataEdit.requireLetters(changes.set)
    let edit = RIFFMetadataEdit(removing: changes.remove, reader: reader, limits: limits)
    var result = AVIEdit(structure: structure, edit: edit, video: video)
    try result.apply(changes.set)
    try result.edit.edits.write(reader.input, to: output)
    return RewriteNotes(result.edit.notes)
  }
}

extension AVIFile: TimedMediaFile {
  func visitFrames(_ sampling: FrameSampling, _ visitor: FrameVisitor) throws(MediaError) {
    let track = try AVIVideoTrack(structure, in: reader.input, limits: limits)
    try VideoReading(video: track.video, input: reader.input).visit(sampling, visitor)
  }

  func rewrite(
    to output: OutputFile, changes: MetadataChanges, edit: FrameEdit
  ) throws(MediaError) -> RewriteNotes {
    try requireWhole()
    let track = try AVIVideoTrack(structure, in: reader.input, limits: limits)
    try track.requireEditable(reader.input)
    let recoded = try VideoRecoder(video: track.video, input: reader.input, edit: edit).recode(beside: output)
    let video =
      recoded.segments.isEmpty ? nil : try AVIVideoEdit(track, recoded, of: structure, in: reader)
    var notes = try rewrite(to: output, changes: changes, video: video)
    notes.coding = recoded.coding
    return notes
  }
}
