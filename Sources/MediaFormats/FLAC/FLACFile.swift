internal import MediaCore

/// An opened FLAC: its metadata blocks and the tags in front of them.
final class FLACFile: MediaFile {
  let info: MediaInfo
  let metadata: [MetadataItem]
  let reader: HeaderReader
  let structure: FLACStructure
  let limits: Limits
  /// Samples of each channel where STREAMINFO does not say, as of a stream that was coded while it was recorded: all
  /// frames are read. Nil for a damaged stream.
  private(set) lazy var countedSamples: Int? = try? countSamples()

  init(_ reader: HeaderReader, format: FormatID, limits: Limits) throws(MediaError) {
    let structure = try FLACStructure(reader, limits: limits)
    info = structure.info(format)
    var list = MetadataList(limits: limits)
    for tag in structure.tags {
      try ID3Site(tag: tag, isRegularPlace: false, prefix: "leading ").add(to: &list)
    }
    let main = structure.blocks.firstIndex { $0.type == FLACBlock.vorbisComment }
    for (index, block) in structure.blocks.enumerated() where block.type == FLACBlock.vorbisComment {
      let comments = try Self.comments(block, reader, limits: limits)
      try comments.add(to: &list, path: "VORBIS_COMMENT", isRegularPlace: index == main) {
        block.dataOffset + $0
      }
    }
    try TrailingTags(reader, notBefore: structure.framesOffset, limits: limits).add(to: &list, reader)
    metadata = list.items
    self.reader = reader
    self.structure = structure
    self.limits = limits
  }

  static func comments(
    _ block: FLACBlock, _ reader: HeaderReader, limits: Limits
  ) throws(MediaError) -> VorbisComments {
    guard block.length <= limits.indexBytes else {
      throw MediaError(
        .limitExceeded, .metadata,
        "VORBIS_COMMENT of \(block.length) bytes exceeds the \(limits.indexBytes) allowed")
    }
    return try VorbisComments(try reader.bytes(block.length, at: block.dataOffset), from: 0, limits: limits)
  }

  func write(
    to output: OutputFile, changes: MetadataChanges, edit: MediaEdit
  ) throws(MediaError) -> RewriteNotes {
    var metadata = try self.edit(changes)
    if let sound = edit.sound { try apply(sound, to: &metadata.edits, beside: output) }
    try metadata.edits.write(reader.input, to: output)
    return RewriteNotes(metadata.notes)
  }

  /// The edits that make `changes`.
  func edit(_ changes: MetadataChanges) throws(MediaError) -> FLACEdit {
    let trailing = try TrailingTags(reader, notBefore: structure.framesOffset, limits: limits)
    var edit = FLACEdit(structure: structure, reader: reader, limits: limits)
    let rest = try trailing.remove(changes.remove, from: &edit.edits, reader, limits: limits).rest
    try edit.apply(MetadataChanges(set: changes.set, remove: rest))
    return edit
  }
}
