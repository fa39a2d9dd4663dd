internal import MediaCore

/// Changes of an AVI file's metadata. The label goes into the `LIST INFO` of the first segment, a new one directly in
/// front of `movi`: there every reader passes it, also one that stops at the samples. What the list grows by is taken
/// from a JUNK chunk in front of `movi` when there is one with room, so that the samples do not move; else the indexes
/// that hold offsets from the beginning of the file are corrected.
struct AVIEdit {
  let structure: AVIStructure
  /// Pictures and sound coded anew, whose edits are among those of `edit`.
  let media: AVIMediaEdit?
  var edit: RIFFMetadataEdit
  private var reader: HeaderReader { edit.reader }

  init(structure: AVIStructure, edit: RIFFMetadataEdit, media: AVIMediaEdit? = nil) {
    self.structure = structure
    self.edit = edit
    self.media = media
    if let media { self.edit.edits = media.edits }
  }

  mutating func apply(_ properties: [MetadataProperty]) throws(MediaError) {
    let first = structure.segments[0]
    guard let movie = first.movie else {
      throw MediaError(.malformed, .metadata, "no list 'movi' stands in the first RIFF segment")
    }
    let home = try home(in: first, properties)
    for segment in structure.segments {
      for chunk in segment.chunks {
        if chunk.id == "LIST", try chunk.type(reader) == "INFO" {
          try edit.editInfo(chunk, setting: chunk.offset == home?.offset ? properties : [])
        } else if chunk.offset != segment.movie?.offset {
          try edit.remove(from: chunk)
        }
      }
    }
    if let item = edit.rest.first { throw .unknownSite(item) }
    if home == nil, !properties.isEmpty {
      let entries = properties.flatMap(RIFFMetadataEdit.entry)
      try edit.edits.insert(IFFChunk.riff("LIST", Array("INFO".utf8) + entries), at: movie.offset)
    }
    try takeFromJunk(in: first, before: movie)
    try AVIIndexes(structure: structure, reader: reader, limits: edit.limits, media: media).correct(
      &edit.edits)
    for segment in structure.segments {
      let (start, end) = (segment.form.offset, segment.form.end)
      let growth = edit.edits.position(of: end) - edit.edits.position(of: start) - (end - start)
      if growth != 0 { try edit.setSize(of: segment.form, to: segment.form.data.count + growth) }
    }
  }

  /// The list that takes the properties: the one that has an entry of the name, else the first; nil for none.
  private func home(
    in segment: AVIStructure.Segment, _ properties: [MetadataProperty]
  ) throws(MediaError) -> IFFChunk? {
    var first: IFFChunk?
    for chunk in segment.chunks where chunk.id == "LIST" {
      guard try chunk.type(reader) == "INFO" else { continue }
      let entries = try chunk.children(reader, order: .little, limits: edit.limits)
      if entries.contains(where: { entry in properties.contains { $0.name == entry.id } }) { return chunk }
      // Behind what is no entry nobody would find another.
      let end = entries.last?.end ?? chunk.data.lowerBound + 4
      if end >= chunk.data.upperBound { first = first ?? chunk }
    }
    return first
  }

  private mutating func takeFromJunk(
    in segment: AVIStructure.Segment, before movie: IFFChunk
  ) throws(MediaError) {
    let growth = edit.edits.position(of: movie.offset) - movie.offset
    guard growth != 0 else { return }
    for chunk in segment.chunks where chunk.id == "JUNK" && chunk.offset < movie.offset {
      let left = chunk.end - chunk.offset - growth
      if growth < 0 {
        try edit.edits.insert([UInt8](repeating: 0, count: -growth), at: chunk.data.lowerBound)
        return try edit.setSize(of: chunk, to: left - 8)
      }
      guard left == 0 || left >= 8, try isBlank(chunk, last: min(growth, chunk.data.count)) else { continue }
      if left == 0 { return try edit.edits.remove(chunk.offset..<chunk.end) }
      try edit.edits.remove(chunk.end - growth..<chunk.end)
      return try edit.setSize(of: chunk, to: left - 8)
    }
  }

  /// Whether the end of a JUNK chunk is only filling: some cameras keep notes in it.
  private func isBlank(_ chunk: IFFChunk, last count: Int) throws(MediaError) -> Bool {
    let bytes = try reader.bytes(count, at: chunk.data.upperBound - count)
    return bytes.allSatisfy { $0 == bytes[0] }
  }
}
