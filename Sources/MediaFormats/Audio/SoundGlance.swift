internal import MediaCore

/// The sound of a long film by parts that a container finds by their times.
protocol SoundPieces {
  /// The first packets of the track.
  func opening() throws(MediaError) -> CodedSound
  /// Packets up to the last of the track.
  func closing() throws(MediaError) -> CodedSound
  /// The packets of some seconds of the container's time, and some around them.
  func piece(of seconds: Range<Double>) throws(MediaError) -> CodedSound
}

/// The sound of a long film where it is asked for: packets are found by their times instead of a walk through all of them.
/// Where packets are missing, what stands behind the gap is found as if they were there.
final class SoundGlance {
  private let pieces: any SoundPieces
  private let input: InputFile
  private let opening: Piece
  let info: AudioInfo

  /// Packets that follow one another.
  private struct Piece {
    let sound: PacketSound
    /// Which sample of the track the first packet begins with.
    let start: Int

    /// `frame` is the length of the film's packets, where they have one: the last may be shorter.
    init(_ track: CodedSound, frame: Int? = nil, in input: InputFile) throws(MediaError) {
      sound = try PacketSound(track, in: input)
      let first = track.packets.first?.pts ?? 0
      let time = Double(first) / Double(max(1, track.timescale)) * Double(sound.sampleRate)
      // Times are rounded to ticks; packets of one length tell better.
      let frame = Double(max(1, frame ?? sound.frame))
      guard abs(time) < 1e15 else {
        throw MediaError(.malformed, .decode, "a packet of sound has the time of \(first) ticks")
      }
      start = Int((time / frame).rounded() * frame)
    }

    /// The sample behind the last packet.
    var end: Int {
      let info = sound.info
      return start + Int(info.time(of: Double(info.count ?? 0)) * Double(info.sampleRate))
        + sound.track.skipped
    }
  }

  /// Seconds in front and behind in which packets may stand that belong to a time.
  private static let margin = 1.0

  /// Throws `unsupported` where there is no sound at either end.
  init(_ pieces: any SoundPieces, in input: InputFile) throws(MediaError) {
    (self.pieces, self.input) = (pieces, input)
    opening = try Piece(try pieces.opening(), in: input)
    let last = try Piece(try pieces.closing(), frame: opening.sound.frame, in: input)
    let heard = last.end - opening.start - opening.sound.track.skipped
    info = AudioInfo(
      sampleRate: opening.sound.sampleRate, channels: opening.sound.channels, count: max(0, heard))
  }

  /// Hands the samples of `ranges`, counted from the first one heard, to `visitor`.
  func visit(
    _ ranges: [Range<Int>], _ visitor: (AudioBlock) throws(MediaError) -> Void
  ) throws(MediaError) {
    let origin = opening.start + opening.sound.track.skipped
    let rate = Double(info.sampleRate)
    for range in ranges where !range.isEmpty {
      let wanted = range.clamped(to: 0..<(info.count ?? 0))
      let lower = Double(wanted.lowerBound + origin) / rate - Self.margin
      let upper = Double(wanted.upperBound + origin) / rate + Self.margin
      let piece = try Piece(
        try pieces.piece(of: lower..<upper), frame: opening.sound.frame, in: input)
      // The piece counts from its own first packet, and leaves out as much as the film does.
      let shift = piece.start + piece.sound.track.skipped - origin
      let own = (wanted.lowerBound - shift..<wanted.upperBound - shift)
        .clamped(to: -piece.sound.track.skipped..<Int.max)
      try piece.sound.visit([own]) { (block) throws(MediaError) in
        try visitor(
          AudioBlock(sampleRate: block.sampleRate, start: block.start + shift, channels: block.channels))
      }
    }
  }
}
