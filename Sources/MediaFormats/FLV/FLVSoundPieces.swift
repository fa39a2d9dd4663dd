internal import MediaCore

/// The sound of an FLV file by the times of its tags.
struct FLVSoundPieces: SoundPieces {
  let structure: FLVStructure
  let reader: HeaderReader
  let limits: Limits
  /// Milliseconds of the last tag.
  let end: Int

  /// Milliseconds of sound that tell what it is, and among which the last packet is.
  private static let glance = 4000

  func opening() throws(MediaError) -> CodedSound {
    try sound(from: 0, until: (structure.audio?.timestamp ?? 0) + Self.glance)
  }

  func closing() throws(MediaError) -> CodedSound { try sound(from: end - Self.glance, until: .max) }

  func piece(of seconds: Range<Double>) throws(MediaError) -> CodedSound {
    let range = seconds.clamped(to: 0..<Double(UInt32.max))
    return try sound(from: Int(range.lowerBound * 1000), until: Int(range.upperBound * 1000))
  }

  private func sound(from start: Int, until end: Int) throws(MediaError) -> CodedSound {
    let seek = FLVSeek(reader: reader, firstTag: structure.firstTag)
    let part = FLVPart(offset: try seek.place(before: start), end: end)
    return try FLVSoundTrack(structure, part, in: reader, limits: limits).sound
  }
}

/// Tags from a place on up to a time.
struct FLVPart {
  let offset: Int
  /// Milliseconds.
  let end: Int
}
