/// What of a file can be edited besides its metadata.
public enum MediaPart: String, Sendable, CaseIterable {
  /// The pictures.
  case frames
  /// The sound.
  case sound
}

/// Edits to the media essence of a file; none by default, and then all of it is copied byte for byte.
public struct MediaEdit {
  /// Edits to the pictures.
  public var frames: FrameEdit?
  /// Edits to the sound, made ahead of those to the pictures: these take far longer, and are in vain where the sound turns
  /// out to have no room.
  public var sound: AudioEdit?

  /// Edits.
  public init(frames: FrameEdit? = nil, sound: AudioEdit? = nil) {
    self.frames = frames
    self.sound = sound
  }

  /// What is edited.
  public var parts: [MediaPart] {
    [frames == nil ? nil : .frames, sound == nil ? nil : .sound].compactMap { $0 }
  }
}

extension MediaFile {
  /// To any part: only metadata is edited.
  public func objection(toEditing part: MediaPart) -> MediaError? {
    MediaError(
      .unsupported, .encode, "the \(part) of \(info.format) files is not coded anew; only metadata is edited")
  }

  /// None: a file without sizes of what stands in it, or one that is refused when it is opened.
  public var truncation: MediaError? { nil }

  /// None: edited sound keeps its coding.
  public var soundConversion: String? { nil }

  /// Whether a part of the essence can be edited, not only copied.
  public func canEdit(_ part: MediaPart) -> Bool { objection(toEditing: part) == nil }

  /// Writes the file anew with `changes` and with what `edit` makes of its pictures and sound. Everything that is neither
  /// changed nor edited survives; what cannot survive throws `unsupported`, and what had to take another coding is
  /// said in the result.
  @discardableResult public func rewrite(
    to output: OutputFile, changes: MetadataChanges, edit: MediaEdit = MediaEdit()
  ) throws(MediaError) -> RewriteNotes {
    if let truncation { throw truncation }
    for part in edit.parts {
      if let objection = objection(toEditing: part) { throw objection }
    }
    return try write(to: output, changes: changes, edit: edit)
  }
}
