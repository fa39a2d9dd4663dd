#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Successive-cancellation list decoding (Tal and Vardy 2015) with the path metric of Balatsoukas-Stimming, Bastani Parizi and Burg
/// (2015), by the min-sum rule, or exactly where likelihoods are to scale. Owned by one worker.
final class PolarDecoder {
  /// A message that a path has ended with.
  struct Candidate {
    let payload: UInt64
    let isChecked: Bool
    /// The probability that another message was sent, if one was sent at all: of the list's others with the right checksum, and of
    /// all that paths given up would have led to (Yuan, Duffy and Médard 2024). 1 where it was not asked for.
    var doubt = 1.0
  }

  /// Paths kept.
  static let paths = 16
  private let code: PolarCode
  private let lanes: PolarLanes
  // Of each bit, the share of the words that begin like it which are of the code: 2 ^ - the fixed bits that follow.
  private let shares: [Double]
  // The probability of what was given up, as that of the words of the code it would have led to.
  private var lost = 0.0

  init(_ code: PolarCode = .picture) {
    self.code = code
    lanes = PolarLanes(levels: code.levels)
    var shares = [Double](repeating: 1, count: code.length)
    for index in stride(from: code.length - 2, through: 0, by: -1) {
      shares[index] = shares[index + 1] * (code.isInformation[index + 1] ? 1 : 0.5)
    }
    self.shares = shares
  }

  /// Those for `values`, which a mark moves by ± m and noise by n, of a message whose statistic t is `expected`. Log-likelihood ratios are
  /// 2 v m / n² then: where noise is all but all, v times 2 t / √Σ v².
  func decode(_ values: [Float], expecting expected: Float, paths: Int = paths) -> [Candidate] {
    let squares = values.reduce(Float(0)) { $0 + $1 * $1 }
    let scale = squares > 0 ? 2 * expected / squares.squareRoot() : 0
    return decode(values.map { $0 * scale }, paths: paths, isToScale: true)
  }

  /// The most likely messages for `channel`, log-likelihood ratios ln p(0) / p(1) of all bits; the best first, those with
  /// the right checksum before all others. `paths` are followed at a time. `isToScale` where they are such ratios and not only
  /// in proportion to them: then the first has its `doubt`.
  func decode(_ channel: [Float], paths: Int = paths, isToScale: Bool = false) -> [Candidate] {
    precondition(channel.count == code.length)
    lanes.begin(paths: paths)
    var list = Paths()
    lost = 0
    channel.withUnsafeBufferPointer { channel in
      guard let channel = channel.baseAddress else { return }
      for index in 0..<code.length {
        lanes.propagate(index, channel, isExact: isToScale)
        if code.isInformation[index] {
          fork(&list, at: index, limit: paths, isExact: isToScale)
        } else {
          let likelihoods = lanes.leaves
          for path in list.metrics.indices {
            list.bits[path] = 0
            list.metrics[path] += Self.penalty(likelihoods[path], isExact: isToScale)
          }
        }
        lanes.settle(index, list.bits)
      }
    }
    return candidates(list, isToScale: isToScale)
  }

  /// What the paths have decided, one value a path each.
  fileprivate struct Paths {
    var metrics: [Float] = [0]
    var bits: [UInt8] = [0]
    // Payload and checksum, the last bit decided lowest.
    var payloads: [UInt64] = [0]
    var checksums: [UInt16] = [0]
    /// Bits of both that are decided.
    var informed = 0
  }

  /// The paths at their ends as messages.
  private func candidates(_ list: Paths, isToScale: Bool) -> [Candidate] {
    let ordered = list.metrics.indices.sorted { list.metrics[$0] < list.metrics[$1] }
    let isChecked = list.metrics.indices.map { code.checksum(list.payloads[$0]) == list.checksums[$0] }
    let (checked, others) = (ordered.filter { isChecked[$0] }, ordered.filter { !isChecked[$0] })
    var candidates =
      checked.map { Candidate(payload: list.payloads[$0], isChecked: true) }
      + others.map { Candidate(payload: list.payloads[$0], isChecked: false) }
    if isToScale, !checked.isEmpty {
      let known = checked.map { exp(-Double(list.metrics[$0])) }
      let others = known.dropFirst().reduce(lost * exp2(-Double(code.checksumBits)), +)
      candidates[0].doubt = known[0] > 0 ? others / (known[0] + others) : 1
    }
    return candidates
  }

  /// What a path pays for a bit of 0 where `likelihood` is its ratio: -ln of the bit's probability, or the part of it that grows.
  @inline(__always)
  private static func penalty(_ likelihood: Float, isExact: Bool) -> Float {
    max(0, -likelihood) + (isExact ? rest(abs(likelihood)) : 0)
  }

  /// ln (1 + exp(-x)) of a positive x, to a hundredth: without a logarithm, for it is asked for millions of times.
  @inline(__always)
  private static func rest(_ x: Float) -> Float {
    let part = max(0, 1 - x * 0.12022)
    let cube = part * part * part
    return 0.693147 * cube * cube
  }

  /// Both continuations of every path at bit `index`, as many of the best as are kept.
  private func fork(_ list: inout Paths, at index: Int, limit: Int, isExact: Bool) {
    // Metrics are not negative, so that their bits are in their order; which continuation it is stands below.
    let (likelihoods, width) = (lanes.leaves, lanes.width)
    var choices = [UInt64](unsafeUninitializedCapacity: 2 * width) { choices, count in
      for path in 0..<width {
        let (metric, likelihood) = (list.metrics[path], likelihoods[path])
        let zero = metric + Self.penalty(likelihood, isExact: isExact)
        let one = metric + Self.penalty(-likelihood, isExact: isExact)
        choices[2 &* path] = UInt64(zero.bitPattern) << 32 | UInt64(2 &* path)
        choices[2 &* path &+ 1] = UInt64(one.bitPattern) << 32 | UInt64(2 &* path &+ 1)
      }
      count = 2 * width
    }
    let kept = min(limit, choices.count)
    if kept < choices.count { choices.moveLeast(kept) }
    if isExact {
      let share = shares[index]
      for choice in choices.dropFirst(kept) { lost += exp(-Double(Self.metric(choice))) * share }
    }
    let sources = choices.prefix(kept).map { Int32(truncatingIfNeeded: ($0 & 0xFFFF_FFFF) >> 1) }
    list.goOn(choices.prefix(kept), isPayload: list.informed < code.payloadBits)
    sources.withUnsafeBufferPointer { lanes.fork(index, $0) }
  }

  fileprivate static func metric(_ choice: UInt64) -> Float {
    Float(bitPattern: UInt32(truncatingIfNeeded: choice >> 32))
  }
}

extension PolarDecoder.Paths {
  /// Goes on with `choices`: metrics, and below them twice the path, and the bit.
  fileprivate mutating func goOn(_ choices: ArraySlice<UInt64>, isPayload: Bool) {
    let old = self
    metrics.removeAll(keepingCapacity: true)
    bits.removeAll(keepingCapacity: true)
    payloads.removeAll(keepingCapacity: true)
    checksums.removeAll(keepingCapacity: true)
    for choice in choices {
      let (path, bit) = (Int((choice & 0xFFFF_FFFF) >> 1), UInt8(truncatingIfNeeded: choice & 1))
      metrics.append(PolarDecoder.metric(choice))
      bits.append(bit)
      payloads.append(isPayload ? old.payloads[path] << 1 | UInt64(bit) : old.payloads[path])
      checksums.append(isPayload ? old.checksums[path] : old.checksums[path] << 1 | UInt16(bit))
    }
    informed += 1
  }
}

extension [UInt64] {
  /// Moves the `count` least of different numbers to the front, in no order (Hoare's selection).
  fileprivate mutating func moveLeast(_ count: Int) {
    withUnsafeMutableBufferPointer { values in
      var (low, high) = (0, values.count - 1)
      while low < high {
        let (first, middle, last) = (values[low], values[(low + high) / 2], values[high])
        let pivot = Swift.max(Swift.min(first, middle), Swift.min(Swift.max(first, middle), last))
        var (left, right) = (low, high)
        while left <= right {
          while values[left] < pivot { left &+= 1 }
          while values[right] > pivot { right &-= 1 }
          guard left <= right else { break }
          values.swapAt(left, right)
          left &+= 1
          right &-= 1
        }
        if count <= right {
          high = right
        } else if count >= left {
          low = left
        } else {
          return
        }
      }
    }
  }
}
