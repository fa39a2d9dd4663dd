internal import MediaCore

/// An opened PNG: its chunks and metadata; the image data is not read before it is needed.
final class PNGFile: FrameMediaFile {
  let info: MediaInfo
  let metadata: [MetadataItem]
  private let input: InputFile
  private let structure: PNGStructure
  private let limits: Limits
  private let scratch: Scratch

  init(_ input: InputFile, format: FormatID, limits: Limits, scratch: Scratch) throws(MediaError) {
    let structure = try PNGStructure(input, limits: limits)
    let metadata = try PNGMetadata(structure, in: input, limits: limits)
    let header = structure.header
    let transparency = structure.first(.trns) == nil ? "" : " with transparency"
    info = MediaInfo(
      format: format, kind: .image, size: header.size, orientation: metadata.orientation,
      bitDepth: header.depth, coding: header.coding + transparency + (structure.isAnimated ? " animated" : "")
    )
    self.metadata = metadata.items
    self.input = input
    self.structure = structure
    self.limits = limits
    self.scratch = scratch
  }

  func visitFrames(_ sampling: FrameSampling, _ visitor: FrameVisitor) throws(MediaError) {
    try visitor(try decode(findsBlocks: false).frame)
  }

  func write(
    to output: OutputFile, changes: MetadataChanges, edit: MediaEdit
  ) throws(MediaError) -> RewriteNotes {
    if structure.isAnimated {
      throw MediaError(
        .unsupported, .encode,
        "chunk 'acTL' makes this an animated PNG; label its frames before they are put together")
    }
    var edits = try PNGMetadataEdit.edits(for: changes, of: structure, in: input, limits: limits)
    var image: DeflateSplice?
    var decoded: (frame: PNGFrame, data: PNGImageData)?
    if let frames = edit.frames {
      let picture = try decode(findsBlocks: !frames.isThroughout)
      decoded = picture
      try frames.visitor(picture.frame)
      if picture.frame.raster.hasChanged {
        image = try encode(picture.frame, picture.data, &edits)
        try edits.addPicture(picture.frame, of: structure, in: input)
      }
    }
    let changesAnything = image != nil || !edits.edits.isEmpty || !edits.insertions.isEmpty
    if changesAnything, structure.chunks.contains(where: { $0.type == .contentCredentials }) {
      edits.notes.append(
        "chunk 'caBX' was kept, but the hash in its C2PA manifest no longer matches the file")
    }
    let writer = PNGWriter(structure: structure, input: input, output: output, scratch: scratch)
    // The stream refers to buffers that the decoded picture owns.
    try withExtendedLifetime(decoded) { () throws(MediaError) in try writer.write(edits, image: image) }
    return RewriteNotes(edits.notes)
  }

  private func decode(findsBlocks: Bool) throws(MediaError) -> (frame: PNGFrame, data: PNGImageData) {
    if let chunk = structure.chunks.first(where: { $0.type.isCritical && !Self.known.contains($0.type) }) {
      throw MediaError(
        .unsupported, .decode,
        "chunk '\(chunk.type)' at offset \(chunk.offset) is critical and not known here (PNG 14.2)")
    }
    let size = try structure.header.decodedBytes(within: limits)
    let buffer = scratch.borrow(size + 1)
    let data = try PNGImageData(
      structure, in: input, into: buffer, findsBlocks: findsBlocks, limits: limits, scratch: scratch)
    let transparency = try PNGTransparency(structure, in: input)
    let isPalette = structure.header.colorType == .palette
    let palette =
      isPalette ? PNGPalette(colors: structure.palette, alpha: transparency.paletteAlpha) : nil
    let frame = PNGFrame(
      try PNGRaster(structure.header, buffer), palette: palette, key: transparency.key,
      orientation: info.orientation, limits: limits, scratch: scratch)
    if isPalette, let chunk = structure.first(.bkgd) {
      frame.background = try input.intactData(of: chunk)?.first.map(Int.init)
    }
    return (frame, data)
  }

  private static let known: Set<PNGChunkType> = [.ihdr, .plte, .idat, .iend]

  private func encode(
    _ frame: PNGFrame, _ data: PNGImageData, _ edits: inout PNGChunkEdits
  ) throws(MediaError) -> DeflateSplice {
    let encoder = PNGImageEncoder(scratch: scratch)
    if frame.isTranscoded { return try encoder.encode(frame.raster, of: data) }
    let (stream, notes) = try encoder.splice(data, frame.raster)
    edits.notes += notes
    return stream
  }
}
