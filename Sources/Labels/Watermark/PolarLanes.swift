internal import CSignal

/// What the paths of a `PolarDecoder` know, side by side: of each place in the code's tree the values of all paths follow one another, so
/// that a step down the tree is one loop over places and paths. Owned by one worker.
final class PolarLanes {
  /// Paths there are.
  private(set) var width = 1
  private let levels: Int
  private var capacity = 0
  // Likelihoods of level m (2^m of them, times `width`) start at 2^m · `width`; the channel's stand apart.
  private var likelihoods = UnsafeMutablePointer<Float>.allocate(capacity: 0)
  // Partial sums of left siblings, laid out alike.
  private var sums = UnsafeMutablePointer<UInt8>.allocate(capacity: 0)
  private var work = UnsafeMutablePointer<UInt8>.allocate(capacity: 0)
  // By level of likelihoods, then of sums: where each path finds its values, if not in its own place. Paths that go on from others share
  // what those had until it is next read.
  private var orders = UnsafeMutablePointer<Int32>.allocate(capacity: 0)
  private var isOrdered: [Bool]

  init(levels: Int) {
    self.levels = levels
    isOrdered = Array(repeating: true, count: 2 * levels)
  }

  deinit { deallocate() }

  private func deallocate() {
    likelihoods.deallocate()
    sums.deallocate()
    work.deallocate()
    orders.deallocate()
  }

  /// Begins with a single path, where at most `paths` are to come.
  func begin(paths: Int) {
    width = 1
    for index in isOrdered.indices { isOrdered[index] = true }
    guard paths > capacity else { return }
    capacity = paths
    let count = capacity << levels
    deallocate()
    likelihoods = .allocate(capacity: count)
    sums = .allocate(capacity: count)
    work = .allocate(capacity: count)
    orders = .allocate(capacity: capacity * 2 * levels)
  }

  /// The likelihood of the bit that `propagate` was called for, in each path.
  var leaves: UnsafeBufferPointer<Float> { UnsafeBufferPointer(start: likelihoods + width, count: width) }

  /// Brings the likelihoods of bit `index` to level 0.
  func propagate(_ index: Int, _ channel: UnsafePointer<Float>, isExact: Bool) {
    var level = levels - 1
    if index > 0 {
      level = index.trailingZeroBitCount
      let size = 1 << level
      arrangeSums(level)
      let (own, ownSums) = (likelihoods + size * width, sums + size * width)
      if level + 1 == levels {
        tm_polar_right_of_one(channel, ownSums, Int32(size), Int32(width), own)
      } else {
        arrange(level + 1, likelihoods, rows: 2 * size)
        tm_polar_right(likelihoods + 2 * size * width, ownSums, Int32(size * width), own)
      }
      isOrdered[level] = true
      level -= 1
    }
    while level >= 0 {
      let size = 1 << level
      // The first bit is reached before there is a second path.
      let above = level + 1 == levels ? channel : UnsafePointer(likelihoods) + 2 * size * width
      tm_polar_left(above, Int32(size * width), isExact ? 1 : 0, likelihoods + size * width)
      isOrdered[level] = true
      level -= 1
    }
  }

  /// Adds bit `index` of each path to its partial sums.
  func settle(_ index: Int, _ bits: UnsafePointer<UInt8>) {
    work.update(from: bits, count: width)
    var level = 0
    while index >> level & 1 == 1 {
      arrangeSums(level)
      let count = width << level
      let left = sums + count
      for k in 0..<count {
        work[count &+ k] = work[k]
        work[k] ^= left[k]
      }
      level += 1
    }
    // Nothing comes after the last bit.
    guard level < levels else { return }
    let count = width << level
    (sums + count).update(from: work, count: count)
    isOrdered[levels + level] = true
  }

  /// Goes on from bit `index`, not yet settled, with as many paths as `sources`, each from that one of the present ones.
  func fork(_ index: Int, _ sources: UnsafeBufferPointer<Int32>) {
    let grows = sources.count != width
    // What the first rows would overwrite is read before: rows only become longer.
    for level in (0..<levels).reversed() {
      // Of a branch that is left, likelihoods are not read again, and sums not before.
      let isRight = index >> level & 1 == 1
      let isAbove = level > 0 && index >> (level - 1) & 1 == 0
      if isAbove { redirect(level, sources) }
      if isRight { redirect(levels + level, sources) }
      if grows {
        if isAbove { spread(level, likelihoods, 1 << level, to: sources.count) }
        if isRight { spread(levels + level, sums, 1 << level, to: sources.count) }
      }
    }
    width = sources.count
  }

  private func arrangeSums(_ level: Int) {
    arrange(levels + level, sums, rows: 1 << level)
  }

  /// Has each path find its values where the one of `sources` found them.
  private func redirect(_ place: Int, _ sources: UnsafeBufferPointer<Int32>) {
    let order = orders + place * capacity
    defer { isOrdered[place] = false }
    guard !isOrdered[place], let from = sources.baseAddress else {
      if let from = sources.baseAddress { order.update(from: from, count: sources.count) }
      return
    }
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: width) { kept in
      guard let kept = kept.baseAddress else { return }
      kept.initialize(from: order, count: width)
      for lane in 0..<sources.count { order[lane] = kept[Int(from[lane])] }
    }
  }

  /// Brings the `rows` rows that begin as many rows behind `values` into the order of the paths, if they are not.
  private func arrange<Value>(_ place: Int, _ values: UnsafeMutablePointer<Value>, rows: Int) {
    guard !isOrdered[place] else { return }
    spread(place, values, rows, to: width)
  }

  /// Lays out the `rows` rows that begin as many rows behind `values` with a value for each of `count` paths.
  private func spread<Value>(
    _ place: Int, _ values: UnsafeMutablePointer<Value>, _ rows: Int, to count: Int
  ) {
    let order = orders + place * capacity
    isOrdered[place] = true
    withUnsafeTemporaryAllocation(of: Value.self, capacity: width) { kept in
      guard let kept = kept.baseAddress else { return }
      for row in (rows..<2 * rows).reversed() {
        kept.initialize(from: values + row * width, count: width)
        let line = values + row * count
        for lane in 0..<count { line[lane] = kept[Int(order[lane])] }
      }
    }
  }
}
