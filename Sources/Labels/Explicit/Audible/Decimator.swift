internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The mean of all channels at 4 to 8 kHz, as a stream of blocks comes in.
struct Decimator {
  /// Samples in for each sample out.
  let factor: Int
  private let taps: [Float]
  private var pending: [Float]

  init(rate: Int) {
    factor = max(1, rate / 4000)
    guard factor > 1 else {
      taps = [1]
      pending = []
      return
    }
    let (half, cutoff) = (6 * factor, 0.37 / Double(factor))
    let raw = (-half...half).map { index -> Double in
      let x = 2 * Double.pi * cutoff * Double(index)
      let window = 0.5 + 0.5 * cos(.pi * Double(index) / Double(half + 1))
      return (index == 0 ? 1 : sin(x) / x) * window
    }
    let sum = raw.reduce(0, +)
    taps = raw.map { Float($0 / sum) }
    pending = [Float](repeating: 0, count: half)
  }

  /// The samples that `block` completes.
  mutating func next(_ block: AudioBlock) -> [Float] {
    append(block)
    return drain()
  }

  /// What is still held back.
  mutating func flush() -> [Float] {
    pending += [Float](repeating: 0, count: taps.count / 2)
    return drain()
  }

  private mutating func append(_ block: AudioBlock) {
    let scale = 1 / Float(max(1, block.channels.count))
    let start = pending.count
    pending += [Float](repeating: 0, count: block.count)
    for channel in block.channels {
      for index in channel.indices where channel[index].isFinite {
        pending[start + index] += channel[index] * scale
      }
    }
  }

  private mutating func drain() -> [Float] {
    guard pending.count >= taps.count else { return [] }
    let count = (pending.count - taps.count) / factor + 1
    var result = [Float](repeating: 0, count: count)
    pending.withUnsafeBufferPointer { samples in
      taps.withUnsafeBufferPointer { taps in
        for index in 0..<count {
          var sum: Float = 0
          let start = index * factor
          for tap in taps.indices { sum += taps[tap] * samples[start + tap] }
          result[index] = sum
        }
      }
    }
    pending.removeFirst(count * factor)
    return result
  }
}
