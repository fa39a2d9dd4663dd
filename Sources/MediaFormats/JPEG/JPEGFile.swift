internal import MediaCore

/// An opened JPEG: its segments and metadata; scans are not read before they are needed.
final class JPEGFile: FrameMediaFile {
  let info: MediaInfo
  let metadata: [MetadataItem]
  private let input: InputFile
  private let structure: JPEGStructure
  private let sites: [JPEGSite]
  private let color: JPEGColor?
  private let limits: Limits
  private let scratch: Scratch

  init(_ input: InputFile, format: FormatID, limits: Limits, scratch: Scratch) throws(MediaError) {
    structure = try JPEGStructure(input, limits: limits)
    let found = try JPEGMetadata(structure, in: input, limits: limits)
    let header = structure.header
    color = JPEGColor(header, hasJFIF: found.hasJFIF, adobeTransform: found.adobeTransform)
    info = MediaInfo(
      format: format, kind: .image, size: header.size, orientation: found.orientation,
      bitDepth: header.precision, coding: header.coding(color))
    metadata = found.items
    sites = found.sites
    self.input = input
    self.limits = limits
    self.scratch = scratch
  }

  func visitFrames(_ sampling: FrameSampling, _ visitor: FrameVisitor) throws(MediaError) {
    let source = try input.contents(limits: limits, scratch: scratch)
    let decoding: JPEGScanBlocks.Decoding =
      switch sampling.reading {
      case .all: .all
      case .luma: .first
      case .first: .none
      }
    try visitor(try decode(source, decoding: decoding).frame)
  }

  func write(
    to output: OutputFile, changes: MetadataChanges, edit: MediaEdit
  ) throws(MediaError) -> RewriteNotes {
    var edits = try JPEGMetadataEdit(changes, of: sites, limits: limits).result
    let source = try input.contents(limits: limits, scratch: scratch)
    var picture: (any JPEGBlocks)?
    if let frames = edit.frames {
      let decoded = try decode(source, decoding: frames.isThroughout ? .first : .none)
      try frames.visitor(decoded.frame)
      if decoded.frame.hasChanged { picture = decoded.blocks }
    }
    if picture != nil || !edits.isEmpty, sites.contains(where: \.isCredentials) {
      edits.notes.append(
        "the C2PA store in APP11 was kept, but the hash in its manifest no longer matches the file")
    }
    let layout = JPEGLayout(structure, sites, source.bytes)
    let writer = JPEGWriter(layout: layout, edits: edits)
    guard let picture else {
      try writer.writePicture(to: output)
      return RewriteNotes(edits.notes)
    }
    // What was coded lives in `picture`.
    try withExtendedLifetime(picture) { () throws(MediaError) -> Void in
      try writer.write(try picture.encode(), to: output)
    }
    return RewriteNotes(edits.notes)
  }

  private func decode(
    _ source: ScratchBuffer, decoding: JPEGScanBlocks.Decoding
  ) throws(MediaError) -> (frame: JPEGFrame, blocks: any JPEGBlocks) {
    try structure.header.requireDecodable(within: limits)
    guard let color else {
      throw MediaError(
        .unsupported, .decode, "\(structure.header.components.count) components; 1, 3 and 4 are decoded")
    }
    let blocks: any JPEGBlocks
    if let scan = JPEGScanBlocks(structure, source, decoding: decoding, scratch) {
      blocks = scan
    } else {
      blocks = try JPEGLibraryBlocks(source)
    }
    let frame = try JPEGFrame(blocks, structure.header, color, orientation: info.orientation)
    return (frame, blocks)
  }
}

extension JPEGSite {
  /// Whether it is a C2PA store.
  var isCredentials: Bool {
    if case .credentials = content { true } else { false }
  }
}
