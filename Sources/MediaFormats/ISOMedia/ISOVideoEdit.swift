internal import MediaCore

extension ISOFile: FrameMediaFile {
  func visitFrames(_ sampling: FrameSampling, _ visitor: FrameVisitor) throws(MediaError) {
    let track = try ISOVideoTrack(structure, info: info, fileSize: input.size, limits: limits)
    try VideoReading(video: track.video, input: input).visit(sampling, visitor)
  }

  /// Writes the file with the pictures that `edit` reaches coded anew.
  func recode(
    _ edit: FrameEdit, to output: OutputFile, changes: MetadataChanges
  ) throws(MediaError) -> RewriteNotes {
    let track = try ISOVideoTrack(structure, info: info, fileSize: input.size, limits: limits)
    let recoded = try VideoRecoder(video: track.video, input: input, edit: edit).recode(beside: output)
    var notes = try write(
      to: output, changes: changes,
      tables: recoded.segments.isEmpty ? nil : ISOVideoTables(track: track, recoded: recoded))
    notes.coding = recoded.coding
    return notes
  }
}
