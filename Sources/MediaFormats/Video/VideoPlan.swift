internal import MediaCore

extension CodingPlan {
  /// The plan where `others` more tracks of a kind stand beside the one that is labelled.
  func beside(_ others: Int, _ kind: String) -> CodingPlan {
    guard others > 0 else { return self }
    return CodingPlan(
      method, reason: "\(reason); of \(others + 1) \(kind) tracks one is labelled, the others are copied",
      frames: frames)
  }
}

/// Which samples of a coded track are coded anew so that frames of some spans can be edited.
struct VideoPlan {
  /// Runs of samples, each from one point of random access up to the next that is wanted or the end.
  let segments: [Range<Int>]
  let coding: CodingPlan

  /// Samples coded anew.
  var count: Int { segments.reduce(0) { $0 + $1.count } }

  /// Plans for `video`. `objection` is why its track cannot be of two encoders; `isJunction` says of a sample that the container calls a sync sample whether decoding can really
  /// begin there with other parameters before it: an IDR, no open group.
  init(
    _ video: CodedVideo, spans: FrameSpans, objection: String?, isJunction: (Int) throws(MediaError) -> Bool
  ) throws(MediaError) {
    let all = 0..<video.samples.count
    let wanted = all.filter { spans.contains(video.time(video.samples[$0].pts)) }
    guard let first = wanted.first else {
      segments = []
      coding = CodingPlan(.metadata, reason: "no frame is shown in the spans to edit", frames: 0)
      return
    }
    func full(_ reason: String) -> ([Range<Int>], CodingPlan) {
      ([all], CodingPlan(.full, reason: reason, frames: all.count))
    }
    guard video.codec.canJoin else {
      (segments, coding) = full("\(video.codec.rawValue) cannot be joined with another encoding in one track")
      return
    }
    if let objection {
      (segments, coding) = full(objection)
      return
    }
    if wanted.count == all.count {
      (segments, coding) = full("every frame is edited")
      return
    }
    var found: [Range<Int>] = []
    var next = first
    while let start = wanted.first(where: { $0 >= next }) {
      let lower = try Self.lastJunction(before: start, in: video, isJunction)
      guard let lower else { break }
      var upper = start + 1
      let isDone = { (index: Int) in !spans.contains(video.time(video.samples[index].pts)) }
      while upper < all.count {
        if isDone(upper), try Self.isClosed(upper, video, isJunction) { break }
        upper += 1
      }
      found.append(lower..<upper)
      next = upper
    }
    guard found.first.map({ $0.lowerBound <= first }) == true else {
      (segments, coding) = full("the track does not begin with a picture that can be decoded alone")
      return
    }
    let count = found.reduce(0) { $0 + $1.count }
    guard count < all.count else {
      (segments, coding) = full("no closed group of pictures begins behind the frames to edit")
      return
    }
    segments = found
    let groups =
      found.count == 1
      ? "the group of pictures with edited frames is"
      : "the \(found.count) groups of pictures with edited frames are"
    coding = CodingPlan(.smart, reason: "only \(groups) coded anew", frames: count)
  }

  /// Whether everything in front of sample `index` is also shown before it, and it can be decoded alone.
  private static func isClosed(
    _ index: Int, _ video: CodedVideo, _ isJunction: (Int) throws(MediaError) -> Bool
  ) throws(MediaError) -> Bool {
    let samples = video.samples
    guard samples[index].isSync, try isJunction(index) else { return false }
    // Reordering reaches over a few pictures; a group of a hundred that hides one shown later is not written by anyone.
    let before = samples[max(0, index - 64)..<index]
    let after = samples[index..<min(samples.count, index + 64)]
    return before.allSatisfy { $0.pts < samples[index].pts }
      && after.allSatisfy { $0.pts >= samples[index].pts }
  }

  private static func lastJunction(
    before start: Int, in video: CodedVideo, _ isJunction: (Int) throws(MediaError) -> Bool
  ) throws(MediaError) -> Int? {
    var index = start
    while index >= 0 {
      if index == 0 ? video.samples[0].isSync : try isClosed(index, video, isJunction) { return index }
      index -= 1
    }
    return nil
  }
}
