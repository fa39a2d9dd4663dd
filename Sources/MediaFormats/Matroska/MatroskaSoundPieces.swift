internal import MediaCore

/// The sound of a segment by the times of its clusters.
struct MatroskaSoundPieces: SoundPieces {
  let segment: MatroskaSegment
  let ticks: Int
  let input: InputFile
  /// The packets of some clusters.
  let read: (Range<Int>) throws(MediaError) -> MatroskaSoundTrack

  /// Clusters at either end in which sound is looked for.
  private static let reach = 64

  func opening() throws(MediaError) -> CodedSound {
    try read(0..<min(4, segment.clusters.count)).sound
  }

  func closing() throws(MediaError) -> CodedSound {
    let count = segment.clusters.count
    for index in stride(from: count - 1, through: max(0, count - Self.reach), by: -1) {
      if let track = try? read(index..<count) { return track.sound }
    }
    throw MediaError(.unsupported, .decode, "the last clusters have no packets of sound")
  }

  func piece(of seconds: Range<Double>) throws(MediaError) -> CodedSound {
    let lower = try cluster(at: seconds.lowerBound)
    let upper = try cluster(at: seconds.upperBound) + 1
    return try read(lower..<max(upper, lower + 1)).sound
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
