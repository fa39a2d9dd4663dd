internal import MediaCore

/// The sound of a long film where it is asked for: packets are found by the times of their clusters instead of a walk
/// through all of them. Where packets are missing, what stands behind the gap is found as if they were there.
final class MatroskaSoundGlance {
  private let segment: MatroskaSegment
  private let input: InputFile
  private let ticks: Int
  private let read: (Range<Int>) throws(MediaError) -> MatroskaSoundTrack
  private let opening: Piece
  let info: AudioInfo

  /// Packets of some clusters that follow one another.
  private struct Piece {
    let clusters: Range<Int>
    let sound: PacketSound
    /// Which sample of the track the first packet begins with.
    let start: Int

    init(_ clusters: Range<Int>, _ track: MatroskaSoundTrack, ticks: Int, in input: InputFile)
      throws(MediaError)
    {
      self.clusters = clusters
      sound = try PacketSound(track.sound, in: input)
      let time = Double(track.time) / Double(ticks) * Double(sound.sampleRate)
      // Times are rounded to ticks; packets of one length tell better.
      let frame = Double(max(1, sound.frame))
      guard abs(time) < 1e15 else {
        throw MediaError(.malformed, .decode, "a packet of sound has the time of \(track.time) ticks")
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

  /// Clusters at either end in which sound is looked for.
  private static let reach = 64
  /// Seconds in front and behind in which packets may stand that belong to a time.
  private static let margin = 1.0

  /// `read` gives the packets of some clusters of `segment`. Throws `unsupported` where there is no sound at either end.
  init(
    _ segment: MatroskaSegment, ticks: Int, in input: InputFile,
    _ read: @escaping (Range<Int>) throws(MediaError) -> MatroskaSoundTrack
  ) throws(MediaError) {
    (self.segment, self.ticks, self.input, self.read) = (segment, ticks, input, read)
    let count = segment.clusters.count
    let first = 0..<min(4, count)
    opening = try Piece(first, try read(first), ticks: ticks, in: input)
    var last: Piece?
    for index in stride(from: count - 1, through: max(0, count - Self.reach), by: -1) where last == nil {
      let clusters = index..<count
      guard let track = try? read(clusters) else { continue }
      last = try Piece(clusters, track, ticks: ticks, in: input)
    }
    guard let last else {
      throw MediaError(.unsupported, .decode, "the last clusters have no packets of sound")
    }
    let heard = last.end - opening.start - opening.sound.track.skipped
    info = AudioInfo(
      sampleRate: opening.sound.sampleRate, channels: opening.sound.channels, count: max(0, heard))
  }

  /// Hands the samples of `ranges`, counted from the first one heard, to `visitor`.
  func visit(
    _ ranges: [Range<Int>], _ visitor: (AudioBlock) throws(MediaError) -> Void
  ) throws(MediaError) {
    let origin = opening.start + opening.sound.track.skipped
    for range in ranges where !range.isEmpty {
      let wanted = range.clamped(to: 0..<(info.count ?? 0))
      let piece = try piece(of: wanted.lowerBound + origin..<wanted.upperBound + origin)
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

  private func piece(of samples: Range<Int>) throws(MediaError) -> Piece {
    let rate = Double(info.sampleRate)
    let lower = try cluster(at: Double(samples.lowerBound) / rate - Self.margin)
    let upper = try cluster(at: Double(samples.upperBound) / rate + Self.margin) + 1
    let clusters = lower..<max(upper, lower + 1)
    return try Piece(clusters, try read(clusters), ticks: ticks, in: input)
  }

  /// The last cluster that begins before `seconds`, or the first.
  private func cluster(at seconds: Double) throws(MediaError) -> Int {
    let walk = MatroskaClusterWalk(reader: HeaderReader(input, windowBytes: 64), track: 0)
    var (low, high) = (0, segment.clusters.count)
    while low < high {
      let middle = (low + high) / 2
      let time = Double(try walk.time(of: segment.clusters[middle])) / Double(ticks)
      if time < seconds { low = middle + 1 } else { high = middle }
    }
    return max(0, low - 1)
  }
}
