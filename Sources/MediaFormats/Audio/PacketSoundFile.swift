internal import MediaCore

/// A film whose sound track is edited in its packets; where these cannot be read, its sound is what libav hears.
protocol PacketSoundFile: HeardFile, FrameMediaFile {
  associatedtype SoundTrack
  /// What `findSound` gave, kept: the walk through all packets is made once.
  var walkedSound: Result<(track: SoundTrack, sound: PacketSound), MediaError>? { get set }

  /// Walks through the packets of the sound track that is labelled. Throws `unsupported` for a file without one.
  func findSound() throws(MediaError) -> (track: SoundTrack, sound: PacketSound)
}

extension PacketSoundFile {
  func soundTrack() throws(MediaError) -> (track: SoundTrack, sound: PacketSound) {
    if let walkedSound { return try walkedSound.get() }
    let found: Result<(track: SoundTrack, sound: PacketSound), MediaError>
    do throws(MediaError) { found = .success(try findSound()) } catch { found = .failure(error) }
    walkedSound = found
    return try found.get()
  }

  var audio: AudioInfo? { countedInfo }

  func visitAudio(
    in ranges: [Range<Int>], _ visitor: (AudioBlock) throws(MediaError) -> Void
  ) throws(MediaError) {
    try visitCounted(ranges, visitor)
  }

  /// What all packets come to; what libav hears where they cannot be read.
  var countedInfo: AudioInfo? { (try? soundTrack())?.sound.info ?? heard.info }

  /// Hands samples to `visitor` that are counted from the first packet on.
  func visitCounted(
    _ ranges: [Range<Int>], _ visitor: (AudioBlock) throws(MediaError) -> Void
  ) throws(MediaError) {
    guard let sound = try? soundTrack().sound else { return try heard.visit(ranges, visitor) }
    try sound.visit(ranges, visitor)
  }

  /// None to frames, nor to sound of codings whose packets can take the places of others.
  func objection(toEditing part: MediaPart) -> MediaError? {
    guard part == .sound else { return nil }
    do throws(MediaError) { return SoundRecoder.objection(to: try soundTrack().sound) } catch { return error }
  }
}
