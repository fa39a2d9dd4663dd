/// What of a video's sound a label is put into, or looked for in.
public enum SoundReach: Sendable, Hashable {
  case none
  /// The first so many seconds.
  case opening(seconds: Double)
  case whole
}

/// A label in the sound of a file.
public protocol AudioLabel: LabelKind {
  /// Prepares for a file; throws `insufficientCapacity` for one too short.
  func makeAudioEmbedder(_ record: LabelRecord, for info: AudioInfo) throws(MediaError) -> any AudioEmbedder
  /// Prepares the search in a file.
  func makeAudioDetector(for info: AudioInfo, query: LabelQuery) throws(MediaError) -> any AudioDetector
  /// What of a video's sound carries it.
  func reach(inVideo record: LabelRecord) -> SoundReach
  /// What of a video's sound is searched for it.
  func reach(inVideo query: LabelQuery) -> SoundReach
}

extension AudioInfo {
  /// What of the sound is within `reach`; nil for none of it.
  public func within(_ reach: SoundReach) -> AudioInfo? {
    switch reach {
    case .none: return nil
    case .whole: return self
    case .opening(let seconds):
      let most = Int(seconds * Double(sampleRate))
      return AudioInfo(
        sampleRate: sampleRate, channels: channels, count: min(count ?? most, most), speakers: speakers,
        gaps: gaps)
    }
  }
}

/// Embeds one label into the sound of one file: it listens, settles what it edits, and edits. Owned by one worker.
public protocol AudioEmbedder: AnyObject {
  /// The samples it wants to hear before it edits any, sorted, without overlap.
  var surroundings: [Range<Int>] { get }
  /// Listens to `surroundings`; blocks of one range come in order.
  func listen(to block: AudioBlock) throws(MediaError)
  /// The samples it edits, sorted, without overlap, after all was heard; none where the label is there already.
  func settle() throws(MediaError) -> [Range<Int>]
  /// Edits the whole of one of the ranges settled.
  func embed(in block: inout AudioBlock) throws(MediaError)
  /// Whether the label can be read from what it made of the sound, before any coding; asked once, after all was edited.
  func isReadable() -> Bool
  /// What a report should say, after it has settled.
  var fields: [Detection.Field] { get }
}

extension AudioEmbedder {
  /// What is put in with a margin needs no look.
  public func isReadable() -> Bool { true }
}

/// Searches the sound of one file for one label. Owned by one worker.
public protocol AudioDetector: AnyObject {
  /// The samples it wants to hear, sorted, without overlap.
  var ranges: [Range<Int>] { get }
  /// Listens to sound; blocks of one range come in order.
  func observe(_ block: AudioBlock) throws(MediaError)
  /// What was found.
  func finish() throws(MediaError) -> [Detection]
}
