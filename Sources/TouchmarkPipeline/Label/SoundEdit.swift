internal import MediaCore

/// The labels of one file's sound, in the order in which they are put in.
struct SoundEdit {
  private var embedders: [(label: LabelID, embedder: any AudioEmbedder)] = []

  /// Whether nothing is edited.
  var isEmpty: Bool { embedders.isEmpty }

  /// The labels.
  var labels: [LabelID] { embedders.map(\.label) }

  /// Throws what the label throws: `insufficientCapacity` for sound too short.
  mutating func add(
    _ label: any LabelKind, _ record: LabelRecord, for file: any MediaFile, within reach: SoundReach = .whole
  ) throws(MediaError) {
    guard let label = label as? any AudioLabel,
      let info = (file as? any AudioMediaFile)?.audio?.within(reach)
    else { return }
    embedders.append((label.descriptor.id, try label.makeAudioEmbedder(record, for: info)))
  }

  /// What the labels make of a file's sound, once they have listened to it.
  struct Settled {
    /// Nil where nothing has to be edited.
    var edit: AudioEdit?
    var drawn: [LabelResult.Drawn] = []
    var notes: [String] = []
    /// Samples that are edited.
    var edited: [Range<Int>] = []
    fileprivate var pending = PendingParts()
    fileprivate var embedders: [(label: LabelID, embedder: any AudioEmbedder)] = []

    /// Labels that cannot be read from the sound as it was edited; nil until all of it was.
    func unread() -> Set<UnreadLabel>? {
      guard pending.parts.isEmpty else { return nil }
      if pending.unread == nil {
        pending.unread = Set(
          embedders.filter { !$0.embedder.isReadable() }.map { UnreadLabel($0.label, .sound) })
      }
      return pending.unread
    }

    /// Throws `malformed` where a codec has not come by all that was to be edited.
    func requireComplete() throws(MediaError) {
      guard let index = pending.parts.min() else { return }
      throw MediaError(
        .malformed, .encode,
        "the sound ends before its header says; a part of the label, samples \(pending.ranges[index]), is not in it"
      )
    }
  }

  /// The parts of labels that no codec has been handed yet, and what came of them.
  fileprivate final class PendingParts {
    var parts: Set<Int> = []
    var ranges: [Range<Int>] = []
    var unread: Set<UnreadLabel>?
  }

  /// Lets the labels hear the sound of `file`. A label of `optional` that the sound turns out to have no room for is left
  /// out with a note.
  func settle(_ file: any AudioMediaFile, optional: Set<LabelID>) throws(MediaError) -> Settled {
    var result = Settled()
    var parts: [(range: Range<Int>, embedder: any AudioEmbedder)] = []
    for (label, embedder) in embedders {
      do throws(MediaError) {
        try Self.listen(to: file, with: parts, embedder)
        parts += try embedder.settle().map { ($0, embedder) }
      } catch {
        guard error.code == .insufficientCapacity, optional.contains(label) else { throw error }
        let place = file.info.kind == .video ? " in the sound" : ""
        result.notes.append("no \(label)\(place): \(error.message)")
        continue
      }
      var embedding = Embedding(box: PixelRect(x: 0, y: 0, width: 0, height: 0), textHeight: 0, text: "")
      embedding.fields = embedder.fields
      result.drawn.append(.init(label: label, embedding: embedding, part: .sound))
      result.embedders.append((label, embedder))
    }
    result.edited = Self.union(of: parts.map(\.range))
    guard !result.edited.isEmpty else { return result }
    let pending = result.pending
    pending.parts = Set(parts.indices)
    pending.ranges = parts.map(\.range)
    result.edit = AudioEdit(ranges: result.edited) { (block) throws(MediaError) in
      // A codec may want the same range twice.
      for (index, part) in parts.enumerated() {
        if try Self.embed(part.embedder, part.range, &block) { pending.parts.remove(index) }
      }
    }
    return result
  }

  /// Lets `embedder` hear the sound as it will be with `parts`.
  private static func listen(
    to file: any AudioMediaFile, with parts: [(range: Range<Int>, embedder: any AudioEmbedder)],
    _ embedder: any AudioEmbedder
  ) throws(MediaError) {
    var preview = SoundPreview(parts)
    let listen: (AudioBlock) throws(MediaError) -> Void = { (block) throws(MediaError) in
      try embedder.listen(to: block)
    }
    try file.visitAudio(in: embedder.surroundings) { (block) throws(MediaError) in
      try preview.add(block, listen)
    }
    try preview.finish(listen)
  }

  /// Lets `embedder` edit its `range` of a block that may hold more; false where it does not hold all of it.
  static func embed(
    _ embedder: any AudioEmbedder, _ range: Range<Int>, _ block: inout AudioBlock
  ) throws(MediaError) -> Bool {
    guard range.lowerBound >= block.start, range.upperBound <= block.start + block.count else { return false }
    let place = range.lowerBound - block.start..<range.upperBound - block.start
    var part = AudioBlock(
      sampleRate: block.sampleRate, start: range.lowerBound, channels: block.channels.map { Array($0[place]) }
    )
    try embedder.embed(in: &part)
    for channel in part.channels.indices {
      block.channels[channel].replaceSubrange(place, with: part.channels[channel])
    }
    return true
  }

  private static func union(of ranges: [Range<Int>]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = result.last, range.lowerBound < last.upperBound {
        result[result.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }
}
