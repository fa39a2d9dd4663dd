internal import MediaCore

/// An opened FLV file: its script tags and the heads of its first frames.
final class FLVFile: MediaFile {
  let info: MediaInfo
  let metadata: [MetadataItem]
  private let reader: HeaderReader
  private let structure: FLVStructure
  private let scripts: [FLVScript]
  private let limits: Limits

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

  func visitFrames(_ visitor: FrameVisitor) throws(MediaError) { throw .framesNotDecoded(info.format) }

  func rewrite(
    to output: OutputFile, changes: MetadataChanges, visitor: FrameVisitor?
  ) throws(MediaError) -> RewriteNotes {
    if visitor != nil { throw .framesNotDecoded(info.format) }
    let edits = try FLVMetadataEdit.edits(
      for: changes, of: scripts, firstTag: structure.firstTag, fileSize: reader.size, limits: limits)
    try edits.write(reader.input, to: output)
    return RewriteNotes()
  }
}
