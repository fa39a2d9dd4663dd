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

  private struct Path {
    // Likelihoods of level m (2^m of them) start at 2^m; the channel's stand apart.
    var likelihoods: [Float]
    // Partial sums of left siblings, laid out alike.
    var sums: [UInt8]
    var payload: UInt64 = 0
    var checksum: UInt16 = 0
    var metric: Float = 0

    init(length: Int) {
      likelihoods = [Float](repeating: 0, count: length)
      sums = [UInt8](repeating: 0, count: 2 * length)
    }
  }

  /// Paths kept.
  static let paths = 16
  private let code: PolarCode
  private var work: [UInt8]
  // Of each bit, the share of the words that begin like it which are of the code: 2 ^ - the fixed bits that follow.
  private let shares: [Double]
  // The probability of what was given up, as that of the words of the code it would have led to.
  private var lost = 0.0

  init(_ code: PolarCode = .picture) {
    self.code = code
    work = [UInt8](repeating: 0, count: 2 * code.length)
    var shares = [Double](repeating: 1, count: code.length)
    for index in stride(from: code.length - 2, through: 0, by: -1) {
      shares[index] = shares[index + 1] * (code.isInformation[index + 1] ? 1 : 0.5)
    }
    self.shares = shares
  }

  /// The most likely messages for `channel`, log-likelihood ratios ln p(0) / p(1) of all bits; the best first, those with
  /// the right checksum before all others. `paths` are followed at a time. `isToScale` where they are such ratios and not only
  /// in proportion to them: then the first has its `doubt`.
  func decode(_ channel: [Float], paths: Int = paths, isToScale: Bool = false) -> [Candidate] {
    precondition(channel.count == code.length)
    var list = [Path(length: code.length)]
    var informed = 0
    lost = 0
    for index in 0..<code.length {
      for path in list.indices { propagate(&list[path], index, channel, isExact: isToScale) }
      if code.isInformation[index] {
        list = fork(list, bit: informed, paths: paths, share: shares[index], isExact: isToScale)
        informed += 1
        for path in list.indices {
          let bit =
            informed <= code.payloadBits
            ? UInt8(list[path].payload & 1) : UInt8(list[path].checksum & 1)
          settle(&list[path], index, bit)
        }
      } else {
        for path in list.indices {
          list[path].metric += Self.penalty(list[path].likelihoods[1], isExact: isToScale)
          settle(&list[path], index, 0)
        }
      }
    }
    let ordered = list.sorted { $0.metric < $1.metric }
    let isChecked = ordered.map { code.checksum($0.payload) == $0.checksum }
    let order = ordered.indices.filter { isChecked[$0] } + ordered.indices.filter { !isChecked[$0] }
    var candidates = order.map { Candidate(payload: ordered[$0].payload, isChecked: isChecked[$0]) }
    if isToScale, let first = order.first, isChecked[first] {
      let known = ordered.indices.filter { isChecked[$0] }.map { exp(-Double(ordered[$0].metric)) }
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

  /// Both continuations of every path, as many of the best as are kept.
  private func fork(_ list: [Path], bit: Int, paths: Int, share: Double, isExact: Bool) -> [Path] {
    var choices: [(metric: Float, path: Int, bit: UInt8)] = []
    for (index, path) in list.enumerated() {
      let likelihood = path.likelihoods[1]
      choices.append((path.metric + Self.penalty(likelihood, isExact: isExact), index, 0))
      choices.append((path.metric + Self.penalty(-likelihood, isExact: isExact), index, 1))
    }
    choices.sort { $0.metric < $1.metric }
    if isExact {
      for choice in choices.dropFirst(paths) { lost += exp(-Double(choice.metric)) * share }
    }
    return choices.prefix(paths).map { choice in
      var path = list[choice.path]
      path.metric = choice.metric
      if bit < code.payloadBits {
        path.payload = path.payload << 1 | UInt64(choice.bit)
      } else {
        path.checksum = path.checksum << 1 | UInt16(choice.bit)
      }
      return path
    }
  }

  /// Brings the likelihood of bit `index` to level 0.
  private func propagate(_ path: inout Path, _ index: Int, _ channel: [Float], isExact: Bool) {
    channel.withUnsafeBufferPointer { channel in
      path.sums.withUnsafeBufferPointer { sums in
        path.likelihoods.withUnsafeMutableBufferPointer { likelihoods in
          guard let channel = channel.baseAddress, let own = likelihoods.baseAddress else { return }
          var level = code.levels - 1
          if index > 0 {
            level = index.trailingZeroBitCount
            let size = 1 << level
            let above = level + 1 == code.levels ? channel : UnsafePointer(own) + 2 * size
            for k in 0..<size {
              own[size + k] = sums[size + k] == 0 ? above[size + k] + above[k] : above[size + k] - above[k]
            }
            level -= 1
          }
          while level >= 0 {
            let size = 1 << level
            let above = level + 1 == code.levels ? channel : UnsafePointer(own) + 2 * size
            for k in 0..<size {
              let (a, b) = (above[k], above[size + k])
              let least = min(abs(a), abs(b))
              own[size + k] = (a < 0) == (b < 0) ? least : -least
            }
            if isExact {
              for k in 0..<size {
                let (a, b) = (above[k], above[size + k])
                own[size + k] += Self.rest(abs(a + b)) - Self.rest(abs(a - b))
              }
            }
            level -= 1
          }
        }
      }
    }
  }

  /// Adds bit `index` to the partial sums.
  private func settle(_ path: inout Path, _ index: Int, _ bit: UInt8) {
    work.withUnsafeMutableBufferPointer { work in
      path.sums.withUnsafeMutableBufferPointer { sums in
        work[0] = bit
        var level = 0
        while index >> level & 1 == 1 {
          let size = 1 << level
          for k in 0..<size {
            work[size + k] = work[k]
            work[k] ^= sums[size + k]
          }
          level += 1
        }
        let size = 1 << level
        for k in 0..<size where size + k < sums.count { sums[size + k] = work[k] }
      }
    }
  }
}
