internal import MediaCore

/// Hears the rhythm in a stream of blocks, holding no more than a minute of it at a time.
final class RhythmDetector {
  /// Seconds that are searched together.
  private static let section = 40.0
  /// Seconds that two sections share: the slowest rhythm with its silences.
  private static let overlap = 3.0

  private let rate: Double
  private let sourceRate: Int
  private let map: ToneMap
  private var decimator: Decimator
  private var samples: [Float] = []
  /// Seconds of the first of `samples`.
  private var origin = 0.0
  private var next: Int?
  private var hits: [RhythmHit] = []

  init(rate: Int) {
    sourceRate = rate
    decimator = Decimator(rate: rate)
    self.rate = Double(rate) / Double(decimator.factor)
    map = ToneMap(rate: self.rate)
  }

  func add(_ block: AudioBlock) {
    if block.start != next { restart(at: block.start) }
    next = block.start + block.count
    samples += decimator.next(block)
    if Double(samples.count) > Self.section * rate { search(keeping: Self.overlap) }
  }

  /// Hits by time; nothing can be added any more.
  func finish() -> [RhythmHit] {
    restart(at: 0)
    return hits
  }

  private func restart(at start: Int) {
    if next != nil {
      samples += decimator.flush()
      search(keeping: 0)
    }
    decimator = Decimator(rate: sourceRate)
    samples = []
    origin = Double(start) / Double(sourceRate)
    next = nil
  }

  private func search(keeping seconds: Double) {
    for var hit in RhythmSearch(step: map.step).hits(in: map.map(of: samples)) {
      hit.time += origin
      keep(hit)
    }
    let dropped = max(0, samples.count - Int(seconds * rate))
    samples.removeFirst(dropped)
    origin += Double(dropped) / rate
  }

  /// One heard in two sections is one.
  private func keep(_ hit: RhythmHit) {
    guard let index = hits.firstIndex(where: { abs($0.time - hit.time) < 11 * hit.unit }) else {
      hits.append(hit)
      return
    }
    if hits[index].confidence < hit.confidence { hits[index] = hit }
  }
}
