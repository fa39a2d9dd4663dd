internal import CSignal
internal import MediaCore

/// How much the blocks of a scene change from frame to frame, by sixteen samples each.
struct BlockMotion {
  /// As in `BlockActivity`.
  private let side: Int
  private let columns: Int
  private let rows: Int
  /// Samples of the last frame.
  private var view: [UInt16]
  /// Mean change of a sample from frame to frame, summed since the start, grey levels 0 … 255, one a block.
  private var changes: [Float]
  private var frames: Float = 0
  /// Whether there is a cut in front of the last frame.
  private(set) var isCut = false
  /// Whether most of the picture moves and hides nothing, as far as the last shares tell.
  private(set) var isEverywhere = false
  /// Mean change of a sample between frames lately, grey levels.
  private var usual: Float = 0

  /// Grey levels by which frames differ on average where there is a cut between them, and how many times as much as before.
  private static let cut: (level: Float, factor: Float) = (20, 2)
  /// What is left of a change's weight a frame later.
  private static let memory: Float = 0.75

  /// Of noise of a standard deviation of 1 two frames differ by 1.13 on average; that much of its own activity, with what sixteen
  /// samples may be off by, is no motion of a block.
  private static let noise: Float = 1.5
  /// Grey levels beyond that by which a block changes when it begins to count as moving, and when it does so fully.
  private static let moves: (Float, Float) = (0.5, 2.5)
  /// `BlockActivity.calm` up to which nothing hides a pattern that stands still, and from which on the block's own does.
  private static let covers: (Float, Float) = (1.5, 4)
  /// What a block in motion that hides nothing has of the mark.
  private static let least: Float = 0.7
  /// The part of the picture in motion from which on it is everywhere.
  private static let most: Float = 0.5

  init(_ samples: LumaSamples, side: Int) {
    self.side = side
    columns = samples.width / side
    rows = samples.height / side
    view = [UInt16](repeating: 0, count: 16 * columns * rows)
    changes = [Float](repeating: 0, count: columns * rows)
    follow(samples)
    (isCut, usual) = (false, 0)
    restart()
  }

  /// Compares the next frame, of the same size.
  mutating func follow(_ samples: LumaSamples) {
    let scale = 255 / (16 * Float(samples.maxValue))
    var sums = [Int32](repeating: 0, count: columns)
    var total = 0
    for row in 0..<rows {
      samples.isWide ? compareWide(samples, row, to: &sums) : compare(samples, row, to: &sums)
      for column in 0..<columns {
        total += Int(sums[column])
        changes[row * columns + column] += Float(sums[column]) * scale
      }
    }
    frames += 1
    let change = Float(total) * scale / Float(max(1, changes.count))
    // What moves quickly changes as much from each frame to the next.
    isCut = change >= Self.cut.level && change >= Self.cut.factor * usual
    usual = max(change, Self.memory * usual)
    if isCut { isEverywhere = false }
  }

  /// Forgets the changes so far.
  mutating func restart() {
    for index in changes.indices { changes[index] = 0 }
    frames = 0
  }

  private mutating func compare(_ samples: LumaSamples, _ row: Int, to sums: inout [Int32]) {
    let (step, count, top) = (side / 4, 4 * columns, row * side + side / 8)
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: count) { changed in
      guard let first = changed.baseAddress else { return }
      changed.initialize(repeating: 0)
      view.withUnsafeMutableBufferPointer { view in
        guard let view = view.baseAddress else { return }
        for line in 0..<4 {
          let source = samples.row(top + line * step).assumingMemoryBound(to: UInt8.self)
          tm_row_follow(source, Int32(step), Int32(count), view + count * (4 * row + line), first)
        }
      }
      for column in 0..<columns {
        let own = first + 4 * column
        sums[column] = Int32(own[0]) + Int32(own[1]) + Int32(own[2]) + Int32(own[3])
      }
    }
  }

  private mutating func compareWide(_ samples: LumaSamples, _ row: Int, to sums: inout [Int32]) {
    let (step, count, top) = (side / 4, 4 * columns, row * side + side / 8)
    for column in 0..<columns { sums[column] = 0 }
    for line in 0..<4 {
      let source = samples.row(top + line * step).assumingMemoryBound(to: UInt16.self)
      let base = count * (4 * row + line)
      for index in 0..<count {
        let value = source[index &* step &+ step / 2]
        sums[index / 4] &+= abs(Int32(value) &- Int32(view[base &+ index]))
        view[base &+ index] = value
      }
    }
  }

  /// The share of the mark that each block has. What moves past a pattern that stands still shows it, like dirt on a window, and has to
  /// be coded anew against it in each frame; where the block is busy itself, neither is so. Settles whether that is everywhere.
  mutating func settle(_ map: BlockActivity) -> [Float] {
    func ramp(_ value: Float, _ ends: (Float, Float)) -> Float {
      min(1, max(0, (value - ends.0) / (ends.1 - ends.0)))
    }
    let moving = changes.indices.map {
      ramp(changes[$0] / max(1, frames) - Self.noise * map.busy[$0], Self.moves)
        * (1 - ramp(map.calm[$0], Self.covers))
    }
    isEverywhere = moving.reduce(0, +) >= Self.most * Float(moving.count)
    return moving.map { 1 - (1 - Self.least) * $0 }
  }
}
