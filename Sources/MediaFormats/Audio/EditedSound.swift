internal import MediaCore

/// Sound that passes in order and is edited on its way: only what an edit has to see at once is held.
struct EditedSound {
  private let edit: AudioEdit
  private let sampleRate: Int
  private var pending: ArraySlice<Range<Int>>
  private var held: [[Float]] = []
  /// The sample that stands first in `held`.
  private var start = 0

  init(_ edit: AudioEdit, sampleRate: Int) {
    self.edit = edit
    self.sampleRate = sampleRate
    pending = edit.ranges[...]
  }

  /// Takes the next samples, one array a channel; returns those that are settled.
  mutating func add(_ channels: [[Float]]) throws(MediaError) -> [[Float]] {
    if held.isEmpty { held = channels.map { _ in [] } }
    guard held.count == channels.count else {
      throw MediaError(
        .unsupported, .decode, "the sound goes from \(held.count) to \(channels.count) channels")
    }
    for index in held.indices { held[index] += channels[index] }
    let end = start + (held.first?.count ?? 0)
    while let range = pending.first, range.upperBound <= end {
      try apply(range)
      pending = pending.dropFirst()
    }
    return take(to: min(end, pending.first.map { max(start, $0.lowerBound) } ?? end))
  }

  /// Throws `malformed` when the sound has ended before what was to be edited.
  func finish() throws(MediaError) {
    guard let range = pending.first else { return }
    throw MediaError(
      .malformed, .encode,
      "the sound ends at sample \(start + (held.first?.count ?? 0)), before \(range) that were to be edited")
  }

  private mutating func apply(_ range: Range<Int>) throws(MediaError) {
    guard range.lowerBound >= start else {
      throw MediaError(.internalFault, .encode, "samples \(range) are edited out of order")
    }
    let place = range.lowerBound - start..<range.upperBound - start
    var block = AudioBlock(
      sampleRate: sampleRate, start: range.lowerBound, channels: held.map { Array($0[place]) })
    try edit.visitor(&block)
    for index in held.indices { held[index].replaceSubrange(place, with: block.channels[index]) }
  }

  private mutating func take(to end: Int) -> [[Float]] {
    let count = end - start
    let taken = held.map { Array($0.prefix(count)) }
    for index in held.indices { held[index].removeFirst(count) }
    start = end
    return taken
  }
}

extension AudioEdit {
  /// The same edit of sound that begins `count` samples earlier: what it is handed keeps its own places.
  func moved(by count: Int) -> AudioEdit {
    AudioEdit(ranges: ranges.map { $0.lowerBound + count..<$0.upperBound + count }) {
      (block) throws(MediaError) in
      var own = AudioBlock(
        sampleRate: block.sampleRate, start: block.start - count, channels: block.channels)
      try visitor(&own)
      block.channels = own.channels
    }
  }
}
