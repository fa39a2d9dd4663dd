internal import MediaCore

extension ISOFile: TimedMediaFile {
  func visitFrames(
    in spans: FrameSpans, every interval: Double, _ visitor: FrameVisitor
  ) throws(MediaError) {
    let track = try ISOVideoTrack(structure, info: info, fileSize: input.size, limits: limits)
    try VideoReading(video: track.video, input: input).visit(spans, every: interval, visitor)
  }

  func rewrite(
    to output: OutputFile, changes: MetadataChanges, edit: FrameEdit
  ) throws(MediaError) -> RewriteNotes {
    let track = try ISOVideoTrack(structure, info: info, fileSize: input.size, limits: limits)
    let recoded = try VideoRecoder(video: track.video, input: input, edit: edit).recode(beside: output)
    var notes = try rewrite(
      to: output, changes: changes, video: recoded.segments.isEmpty ? nil : (track, recoded))
    notes.coding = recoded.coding
    return notes
  }

  /// The media data with packets in the place of samples, and the sizes of the boxes around them.
  func mediaEdits(_ track: ISOVideoTrack, _ recoded: RecodedVideo) throws(MediaError) -> ByteEdits {
    var edits = ByteEdits()
    let spool = try recoded.spool.file()
    var grown: [Int: Int] = [:]
    let boxes = try mediaBoxes()
    // A chunk is found by its offset, so that none may begin inside of what is replaced at once.
    let chunks = Set((0..<track.table.offsets.count).map { track.table.offsets[$0] })
    for segment in recoded.segments {
      var first = segment.samples.lowerBound
      while first < segment.samples.upperBound {
        // Samples that stand side by side are replaced at once.
        var last = first
        while last + 1 < segment.samples.upperBound,
          track.video.samples[last].end == track.video.samples[last + 1].offset,
          !chunks.contains(UInt64(track.video.samples[last].end))
        { last += 1 }
        let old = track.video.samples[first].offset..<track.video.samples[last].end
        let packets = segment.packets[
          (first - segment.samples.lowerBound)...(last - segment.samples.lowerBound)]
        let new = (packets.first?.range.lowerBound ?? 0)..<(packets.last?.range.upperBound ?? 0)
        guard let box = boxes.last(where: { $0.content <= old.lowerBound }),
          old.upperBound <= box.range.upperBound
        else {
          throw MediaError(
            .unsupported, .encode, "samples at offset \(old.lowerBound) stand in no 'mdat' box")
        }
        try edits.replace(old, with: new, of: spool)
        grown[box.range.lowerBound, default: 0] += new.count - old.count
        first = last + 1
      }
    }
    for box in boxes {
      guard let growth = grown[box.range.lowerBound], growth != 0 else { continue }
      try resize(box, by: growth, &edits)
    }
    return edits
  }

  private func mediaBoxes() throws(MediaError) -> [TopLevelBox] {
    var walk = TopLevelBoxes(input)
    var boxes: [TopLevelBox] = []
    while let box = try walk.next() { if box.type == .mdat { boxes.append(box) } }
    return boxes
  }

  private func resize(_ box: TopLevelBox, by growth: Int, _ edits: inout ByteEdits) throws(MediaError) {
    let start = box.range.lowerBound
    let size = box.range.count + growth
    switch try input.read(4, at: start).bigEndian(4, at: 0) {
    // "To the end of the file" stays true.
    case 0: break
    case 1: try edits.replace(start + 8..<start + 16, with: UInt64(size).bigEndianBytes)
    default:
      guard let short = UInt32(exactly: size) else {
        throw MediaError(
          .limitExceeded, .encode, "box 'mdat' would grow to \(size) bytes, past its 32-bit size")
      }
      try edits.replace(start..<start + 4, with: short.bigEndianBytes)
    }
  }
}
