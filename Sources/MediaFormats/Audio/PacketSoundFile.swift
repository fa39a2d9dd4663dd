internal import MediaCore

/// A film whose sound track is edited in its packets; where these cannot be read, its sound is what libav hears.
protocol PacketSoundFile: HeardFile, FrameMediaFile {
  associatedtype SoundTrack
  /// What `findSound` gave, kept: the walk through all packets is made once.
  var walkedSound: Result<(track: SoundTrack, sound: PacketSound), MediaError>? { get set }

  /// Walks through the packets of the sound track that is labelled. Throws `unsupported` for a file without one.
  func findSound() throws(MediaError) -> (track: SoundTrack, sound: PacketSound)

  /// Throws where packets of `track` can be listened to, and not edited; none by default.
  func requireEditable(_ track: SoundTrack) throws(MediaError)

  /// What `glance` found, kept.
  var glanced: Result<SoundGlance, MediaError>? { get set }
  /// Seconds above which a film is not walked through to be listened to.
  var countedSeconds: Double { get }
  /// Parts of the sound by their times. Throws `unsupported` for a container that does not find them.
  func soundPieces() throws(MediaError) -> any SoundPieces
  /// The file.
  var soundInput: InputFile { get }
}

extension PacketSoundFile {
  func requireEditable(_ track: SoundTrack) throws(MediaError) {}

  func soundTrack() throws(MediaError) -> (track: SoundTrack, sound: PacketSound) {
    if let walkedSound { return try walkedSound.get() }
    let found: Result<(track: SoundTrack, sound: PacketSound), MediaError>
    do throws(MediaError) { found = .success(try findSound()) } catch { found = .failure(error) }
    walkedSound = found
    return try found.get()
  }

  /// Nil for sound that is walked through, or was.
  private var glance: SoundGlance? {
    guard walkedSound == nil, info.duration ?? 0 > countedSeconds else { return nil }
    if let glanced { return try? glanced.get() }
    let found: Result<SoundGlance, MediaError>
    do throws(MediaError) {
      found = .success(try SoundGlance(try soundPieces(), in: soundInput))
    } catch { found = .failure(error) }
    glanced = found
    return try? found.get()
  }

  /// What all packets come to; what libav hears where they cannot be read.
  var audio: AudioInfo? { glance?.info ?? (try? soundTrack())?.sound.info ?? heard.info }

  func visitAudio(
    in ranges: [Range<Int>], _ visitor: (AudioBlock) throws(MediaError) -> Void
  ) throws(MediaError) {
    if let glance { return try glance.visit(ranges, visitor) }
    guard let sound = try? soundTrack().sound else { return try heard.visit(ranges, visitor) }
    try sound.visit(ranges, visitor)
  }

  /// None to frames, nor to sound of codings whose packets can take the places of others.
  func objection(toEditing part: MediaPart) -> MediaError? {
    guard part == .sound else { return nil }
    do throws(MediaError) {
      let (track, sound) = try soundTrack()
      try requireEditable(track)
      return SoundRecoder.objection(to: sound)
    } catch { return error }
  }
}
