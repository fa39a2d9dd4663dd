/// Successive-cancellation list decoding (Tal and Vardy 2015) with the min-sum rule and the path metric of Balatsoukas-
/// Stimming, Bastani Parizi and Burg (2015). Owned by one worker.
final class PolarDecoder {
  /// A message that a path has ended with.
  struct Candidate {
    let payload: UInt64
    let isChecked: Bool
    /// How many paths were likelier.
    let rank: Int
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

  init(_ code: PolarCode = .picture) {
    self.code = code
    work = [UInt8](repeating: 0, count: 2 * code.length)
  }

  /// The most likely messages for `channel`, log-likelihood ratios ln p(0) / p(1) of all bits; the best first, those with
  /// the right checksum before all others. `paths` are followed at a time.
  func decode(_ channel: [Float], paths: Int = paths) -> [Candidate] {
    precondition(channel.count == code.length)
    var list = [Path(length: code.length)]
    var informed = 0
    for index in 0..<code.length {
      for path in list.indices { propagate(&list[path], index, channel) }
      if code.isInformation[index] {
        list = fork(list, bit: informed, paths: paths)
        informed += 1
        for path in list.indices {
          let bit =
            informed <= code.payloadBits
            ? UInt8(list[path].payload & 1) : UInt8(list[path].checksum & 1)
          settle(&list[path], index, bit)
        }
      } else {
        for path in list.indices {
          let likelihood = list[path].likelihoods[1]
          if likelihood < 0 { list[path].metric -= likelihood }
          settle(&list[path], index, 0)
        }
      }
    }
    let ordered = list.sorted { $0.metric < $1.metric }.enumerated().map { rank, path in
      Candidate(
        payload: path.payload, isChecked: code.checksum(path.payload) == path.checksum, rank: rank)
    }
    return ordered.filter(\.isChecked) + ordered.filter { !$0.isChecked }
  }

  /// Both continuations of every path, as many of the best as are kept.
  private func fork(_ list: [Path], bit: Int, paths: Int) -> [Path] {
    var choices: [(metric: Float, path: Int, bit: UInt8)] = []
    for (index, path) in list.enumerated() {
      let likelihood = path.likelihoods[1]
      let penalty = abs(likelihood)
      choices.append((path.metric + (likelihood < 0 ? penalty : 0), index, 0))
      choices.append((path.metric + (likelihood < 0 ? 0 : penalty), index, 1))
    }
    choices.sort { $0.metric < $1.metric }
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
  private func propagate(_ path: inout Path, _ index: Int, _ channel: [Float]) {
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
