/// From how much synchronisation on something is done, in pictures, video and sound alike: standard deviations above chance, which is
/// the unit of `WatermarkDecision.syncStatistic`, `SyncSearch.Match.score` and `SoundSums.synchronisation`. None of them decides whether a mark
/// is accepted; see `WatermarkDecision` and `SoundDecision`.
enum SyncThreshold {
  /// A message is looked for in a lattice that was searched for.
  static let read: Float = 5
  /// A message is looked for where the tiles were drawn: marks that can be read show twice as much there.
  static let readInPlace: Float = 5.5
  /// Blocks of a picture that is to be labelled are evened out and looked at once more in place: of unmarked pictures one in 160 shows it.
  static let evened: Float = 2.5
  /// A lattice is sharpened in which no message was read.
  static let sharpened: Float = 5.8
  /// There is a mark most likely: a decoding follows more paths.
  static let likely: Float = 6.5
  /// The whole search is made of a picture that is to be labelled: a mark that is turned and can be read shows twelve.
  static let searched: Float = 7
  /// A mark that cannot be read is reported: over 2²⁸ shifts, turns, planes and lattices a normal deviate reaches it with a probability
  /// below 10⁻⁹.
  static let reported: Float = 8.7
  /// The same for a clip, of which 2¹³ times as many lattices are looked at.
  static let reportedInVideo = reported + 1

  /// Sound: of a period of tiles, which is looked at in few places and has less to show.
  enum Sound {
    /// A message is looked for in sound that was not stretched.
    static let read: Float = 1.5
    /// A message is looked for in sound of another tempo or pitch.
    static let readStretched: Float = 3.2
    /// It tells what each band is worth.
    static let weighted: Float = 3
  }
}
