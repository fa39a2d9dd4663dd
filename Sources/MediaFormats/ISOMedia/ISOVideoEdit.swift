internal import MediaCore

extension ISOFile: FrameMediaFile {
  func visitFrames(_ sampling: FrameSampling, _ visitor: FrameVisitor) throws(MediaError) {
    let track = try ISOVideoTrack(samples(), info: info, fileSize: input.size, limits: limits)
    try VideoReading(video: track.video, input: input).visit(sampling, visitor)
  }

  /// The pictures that `edit` reaches, coded anew.
  func recode(_ edit: FrameEdit, beside output: OutputFile) throws(MediaError) -> ISORecodedPart {
    let track = try ISOVideoTrack(samples(), info: info, fileSize: input.size, limits: limits)
    let recoded = try VideoRecoder(video: track.video, input: input, edit: edit).recode(beside: output)
    return ISORecodedPart(
      tables: recoded.segments.isEmpty ? nil : ISOVideoTables(track: track, recoded: recoded),
      coding: recoded.coding)
  }
}
