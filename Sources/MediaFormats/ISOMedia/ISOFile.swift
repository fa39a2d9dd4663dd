internal import MediaCore

/// An opened file of the ISO base media family: its movie box and metadata; media data is never read.
final class ISOFile: HeardFile {
  let info: MediaInfo
  let metadata: [MetadataItem]
  let heard: HeardSound
  let input: InputFile
  let structure: ISOStructure
  let limits: Limits

  init(_ input: InputFile, format: FormatID, limits: Limits) throws(MediaError) {
    structure = try ISOStructure(input, limits: limits)
    metadata = try ISOSites(structure, in: input, limits: limits).all.flatMap(\.items)
    info = try MediaInfo(structure, in: input, format: format, limits: limits)
    heard = HeardSound(input, container: "mov", duration: info.duration)
    self.input = input
    self.limits = limits
  }

  /// One sequential copy: the movie box is replaced where it stands, and every offset behind it follows.
  func write(
    to output: OutputFile, changes: MetadataChanges, edit: MediaEdit
  ) throws(MediaError) -> RewriteNotes {
    switch (edit.frames, edit.sound) {
    case (nil, nil): return try write(to: output, changes: changes, tables: nil)
    case (let frames?, nil): return try recode(frames, to: output, changes: changes)
    case (nil, let sound?): return try recode(sound, to: output, changes: changes)
    case (.some, .some): throw .soundNotCoded(info.format)
    }
  }

  /// With `tables`, packets coded anew take the places of samples.
  func write(
    to output: OutputFile, changes: MetadataChanges, tables: (any ISORecodedTables)?
  ) throws(MediaError) -> RewriteNotes {
    if let defect = structure.defect { throw defect }
    let edit = try ISOMetadataEdit(changes, of: structure, in: input, limits: limits)
    let old = structure.movie.base..<structure.movie.base + structure.movie.bytes.count
    var edits = ByteEdits()
    var next = edit.movie
    if let tables {
      edits = try mediaEdits(tables)
      next = try tables.applied(to: next, base: old.lowerBound, limits: limits)
    }
    let media = edits.offsetMap
    var offsets = try ChunkOffsets(next, old: old, media: media, limits: limits)
    let movie = try offsets.fixed()
    let shift = ByteShift(movie: old, growth: movie.count - old.count, media: media)
    var carriers: [Int: [UInt8]] = [:]
    for (index, bytes) in edit.carriers { carriers[structure.carriers[index].range.lowerBound] = bytes }
    try FragmentOffsets(input: input, shift: shift, limits: limits).fix(&edits, carriers: carriers)
    if movie != structure.movie.bytes { try edits.replace(old, with: movie) }
    for (range, bytes) in edit.ranges { try edits.replace(range, with: bytes) }
    try edits.write(input, to: output)
    let isSigned = metadata.contains { $0.carrier == .box && $0.name == "c2pa" }
    return RewriteNotes(
      isSigned && !edits.isEmpty
        ? ["box 'uuid' was kept, but the hash in its C2PA manifest no longer matches the file"] : [])
  }
}
