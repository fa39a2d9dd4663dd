internal import MediaCore

/// An opened file of the ISO base media family: its movie box and metadata; media data is never read.
final class ISOFile: HeardFile {
  let info: MediaInfo
  let metadata: [MetadataItem]
  let heard: HeardSound
  let input: InputFile
  let structure: ISOStructure
  let limits: Limits
  private var film: ISOFilm?
  typealias FoundSound = (track: ISOPacketTrack, sound: PacketSound)
  /// Sound that is decoded packet by packet, or why it is not, once it was looked for.
  var packets: Result<FoundSound, MediaError>?

  init(_ input: InputFile, format: FormatID, limits: Limits) throws(MediaError) {
    structure = try ISOStructure(input, limits: limits)
    metadata = try ISOSites(structure, in: input, limits: limits).all.flatMap(\.items)
    info = try MediaInfo(structure, in: input, format: format, limits: limits)
    heard = HeardSound(input, container: "mov", duration: info.duration)
    self.input = input
    self.limits = limits
  }

  var truncation: MediaError? {
    structure.cut.map {
      .cut(
        at: input.size, inside: "box '\($0.type)' at offset \($0.range.lowerBound)",
        endingAt: UInt64($0.range.upperBound), as: info.format)
    }
  }

  /// One sequential copy: the movie box is replaced where it stands, and every offset behind it follows.
  func write(
    to output: OutputFile, changes: MetadataChanges, edit: MediaEdit
  ) throws(MediaError) -> RewriteNotes {
    let sound = try edit.sound.map { (sound) throws(MediaError) in try recode(sound, beside: output) }
    let frames = try edit.frames.map { (frames) throws(MediaError) in try recode(frames, beside: output) }
    let parts = [frames, sound].compactMap { $0 }
    var notes = try write(to: output, changes: changes, tables: parts.compactMap(\.tables))
    notes.notes += parts.flatMap(\.notes)
    notes.coding = info.kind == .video ? frames?.coding : sound?.coding
    notes.sound = info.kind == .video ? sound?.coding : nil
    return notes
  }

  /// The samples of all tracks, those of movie fragments joined. They are read when they are first asked for.
  func samples() throws(MediaError) -> ISOFilm {
    if let film { return film }
    let film = try ISOFilm(structure, in: input, limits: limits)
    self.film = film
    return film
  }

  /// Packets coded anew take the places of samples.
  private func write(
    to output: OutputFile, changes: MetadataChanges, tables: [any ISORecodedTables]
  ) throws(MediaError) -> RewriteNotes {
    if let defect = structure.defect { throw defect }
    let edit = try ISOMetadataEdit(changes, of: structure, in: input, limits: limits)
    let old = structure.movie.base..<structure.movie.base + structure.movie.bytes.count
    var edits = ByteEdits()
    var next = edit.movie
    var notes: [String] = []
    let fragments = tables.isEmpty ? nil : try samples().fragments
    if !tables.isEmpty { edits = try mediaEdits(tables) }
    if let fragments {
      notes += fragments.notes
      next = try fragments.joined(to: next, base: old.lowerBound, limits: limits)
      for box in fragments.boxes {
        try edits.replace(box + 4..<box + 8, with: BoxType.free.rawValue.bigEndianBytes)
      }
    }
    for part in tables { next = try part.applied(to: next, base: old.lowerBound, limits: limits) }
    next = try MediaAlignment.applied(to: next, old: old, fileSize: input.size, limits: limits)
    let media = edits.offsetMap
    var offsets = try ChunkOffsets(next, old: old, media: media, limits: limits)
    let movie = try offsets.fixed()
    let shift = ByteShift(movie: old, growth: movie.count - old.count, media: media)
    var carriers: [Int: [UInt8]] = [:]
    for (index, bytes) in edit.carriers { carriers[structure.carriers[index].range.lowerBound] = bytes }
    try FragmentOffsets(input: input, shift: shift, keepsFragments: fragments == nil, limits: limits)
      .fix(&edits, carriers: carriers)
    if movie != structure.movie.bytes { try edits.replace(old, with: movie) }
    for (range, bytes) in edit.ranges { try edits.replace(range, with: bytes) }
    try edits.write(input, to: output)
    let isSigned = metadata.contains { $0.carrier == .box && $0.name == "c2pa" }
    if isSigned, !edits.isEmpty {
      notes.append("box 'uuid' was kept, but the hash in its C2PA manifest no longer matches the file")
    }
    return RewriteNotes(notes)
  }
}
