internal import MediaCore

/// Sound as it will be with labels that are settled already, for the next one to listen to.
struct SoundPreview {
  private let parts: [(range: Range<Int>, embedder: any AudioEmbedder)]
  private var held: AudioBlock?

  /// Parts in the order in which they are put in.
  init(_ parts: [(range: Range<Int>, embedder: any AudioEmbedder)]) { self.parts = parts }

  /// Takes the next block; hands on what is settled.
  mutating func add(
    _ block: AudioBlock, _ sink: (AudioBlock) throws(MediaError) -> Void
  ) throws(MediaError) {
    var block = block
    if var held, held.start + held.count == block.start {
      for channel in held.channels.indices { held.channels[channel] += block.channels[channel] }
      block = held
    } else {
      try finish(sink)
    }
    held = nil
    let end = block.start + block.count
    // A range that has begun and goes on.
    if parts.contains(where: { $0.range.lowerBound < end && $0.range.upperBound > end }) {
      held = block
      return
    }
    try edit(block, sink)
  }

  /// Hands on what is left; ranges that were not heard to their end stay as they were.
  mutating func finish(_ sink: (AudioBlock) throws(MediaError) -> Void) throws(MediaError) {
    guard let block = held else { return }
    held = nil
    try edit(block, sink)
  }

  private func edit(
    _ block: AudioBlock, _ sink: (AudioBlock) throws(MediaError) -> Void
  ) throws(MediaError) {
    var block = block
    for part in parts { _ = try SoundEdit.embed(part.embedder, part.range, &block) }
    try sink(block)
  }
}
