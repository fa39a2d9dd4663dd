internal import MediaCore

extension ISOFile: TimedMediaFile {
  func visitFrames(_ sampling: FrameSampling, _ visitor: FrameVisitor) throws(MediaError) {
    let track = try ISOVideoTrack(structure, info: info, fileSize: input.size, limits: limits)
    try VideoReading(video: track.video, input: input).visit(sampling, visitor)
  }

  func rewrite(
    to output: OutputFile, changes: MetadataChanges, edit: FrameEdit
  ) throws(MediaError) -> RewriteNotes {
    let track = try ISOVideoTrack(structure, info: info, fileSize: input.size, limits: limits)
    let recoded = try VideoRecoder(video: track.video, input: input, edit: edit).recode(beside: output)
    var notes = try rewrite(
      to: output, changes: changes,
      tables: recoded.segments.isEmpty ? nil : ISOVideoTables(track: track, recoded: recoded))
    notes.coding = recoded.coding
    return notes
  }
}
