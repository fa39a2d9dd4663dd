internal import MediaCore

/// An opened WAVE file: its chunks but for the sound.
final class WAVEFile: MediaFile {
  let info: MediaInfo
  let metadata: [MetadataItem]
  let reader: HeaderReader
  let structure: WAVEStructure
  private let limits: Limits

  init(_ reader: HeaderReader, format: FormatID, limits: Limits) throws(MediaError) {
    let structure = try WAVEStructure(reader, limits: limits)
    let wave = structure.format
    info = MediaInfo(
      format: format, kind: .audio,
      duration: wave.byteRate > 0 ? Double(structure.dataLength) / Double(wave.byteRate) : nil,
      tracks: [
        MediaTrack(kind: .audio, codec: wave.codec, sampleRate: wave.sampleRate, channels: wave.channels)
      ], bitDepth: wave.bits)
    var list = MetadataList(limits: limits)
    let metadata = RIFFMetadata(reader: reader, hasOwnChunk: true)
    for chunk in structure.chunks {
      try metadata.add(chunk, isInForm: chunk.offset < structure.end, to: &list)
    }
    self.metadata = list.items
    self.reader = reader
    self.structure = structure
    self.limits = limits
  }

  func write(
    to output: OutputFile, changes: MetadataChanges, edit: MediaEdit
  ) throws(MediaError) -> RewriteNotes {
    var metadata = try self.edit(changes)
    if let sound = edit.sound { try apply(sound, to: &metadata.edits, beside: output) }
    try metadata.edits.write(reader.input, to: output)
    return RewriteNotes(metadata.notes)
  }

  var truncation: MediaError? {
    structure.cut.map { .cut(at: reader.size, inside: $0.what, endingAt: $0.end, as: info.format) }
  }

  /// The edits that make `changes`.
  func edit(_ changes: MetadataChanges) throws(MediaError) -> RIFFMetadataEdit {
    try RIFFMetadataEdit.requireLetters(changes.set)
    var edit = RIFFMetadataEdit(removing: changes.remove, reader: reader, limits: limits)
    var replacing = changes.set.filter { property in
      structure.chunks.contains { $0.id == property.name && $0.offset < structure.end }
    }
    let new = changes.set.filter { !replacing.contains($0) }
      .flatMap { IFFChunk.riff($0.name, Array($0.value.utf8)) }
    if !new.isEmpty { try edit.edits.insert(new, at: structure.formatChunk.end) }
    for chunk in structure.chunks {
      if changes.set.contains(where: { $0.name == chunk.id }) {
        _ = edit.take(in: chunk)
        try place(&replacing, instead: chunk, &edit)
      } else if chunk.id == "LIST", try chunk.type(reader) == "INFO" {
        try edit.editInfo(chunk, setting: [])
      } else {
        try edit.remove(from: chunk)
      }
    }
    if let item = edit.rest.first { throw .unknownSite(item) }
    try setSize(&edit.edits)
    return edit
  }

  /// Writes the property of the name of `chunk` in its place, unless that is behind the form or was done already.
  private func place(
    _ added: inout [MetadataProperty], instead chunk: IFFChunk, _ edit: inout RIFFMetadataEdit
  ) throws(MediaError) {
    guard chunk.offset < structure.end, let index = added.firstIndex(where: { $0.name == chunk.id }) else {
      try edit.edits.remove(chunk.offset..<chunk.end)
      return
    }
    let bytes = IFFChunk.riff(chunk.id, Array(added.remove(at: index).value.utf8))
    try edit.edits.replace(chunk.offset..<chunk.end, with: bytes)
  }

  private func setSize(_ edits: inout ByteEdits) throws(MediaError) {
    guard let field = structure.sizeField else { return }
    let growth = edits.position(of: structure.end) - structure.end
    let old = Int(try reader.littleEndian(field.count, at: field.offset))
    let size = old + growth
    guard growth != 0, size >= 4 else { return }
    if field.count == 8 {
      try edits.replace(field.offset..<field.offset + 8, with: UInt64(size).littleEndianBytes)
      return
    }
    guard size < Int(WAVEStructure.unknown) else {
      throw MediaError(
        .limitExceeded, .metadata,
        "the RIFF form would grow from \(old) to \(size) bytes, beyond the 4 GiB of its size field; convert to RF64 (`ffmpeg -i in.wav -c copy -rf64 always out.wav`)"
      )
    }
    try edits.replace(
      field.offset..<field.offset + 4, with: UInt32(truncatingIfNeeded: size).littleEndianBytes)
  }
}
