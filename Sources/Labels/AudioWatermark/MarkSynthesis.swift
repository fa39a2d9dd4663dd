internal import MediaCore

/// Changes tiles of sound at its own rate: what the gains add is made in windows of 32 ms every 16 ms and added, so that
/// everything outside of the tiles stays as it is, to the last bit where nothing is added and no peak is held.
final class MarkSynthesis {
  private let rate: Int
  private let channels: [Int]
  private let window: [Float]
  private let transform: FourierTransform
  private let mask: TemporalMask
  private let limiter: PeakLimiter
  /// The band of each point of a transform up to half the rate; -1 outside of all.
  private let bandOfPoint: [Int]
  private var work: [Float]

  /// Windows transformed in one go.
  private static let lanes = 4
  /// Windows in the length of a tile.
  private static let hops = 3

  init(for info: AudioInfo) {
    let rate = info.sampleRate
    let length = SoundTiles.points(rate: rate)
    self.rate = rate
    channels = info.loudnessWeights.indices.filter { info.loudnessWeights[$0] > 0 }
    // Applied twice; the squares of overlapping ones add up to one.
    window = SoundTiles.hann(SoundTiles.window(rate: rate)).map { Float($0.squareRoot()) }
    transform = FourierTransform(length: length)
    mask = TemporalMask(rate: rate)
    limiter = PeakLimiter(rate: rate)
    bandOfPoint = (0...length / 2).map { SoundTiles.band(ofPoint: $0, rate: rate) ?? -1 }
    work = [Float](repeating: 0, count: 4 * Self.lanes * length)
  }

  private func first(of frame: Int) -> Int {
    Int((Double(frame) * SoundTiles.hop * 2 * Double(rate)).rounded()) - window.count / 2
  }

  /// Adds to `block` what `gains` of a tile, in decibels by band, make of it; windows that reach beyond it are left out.
  func apply(to block: inout AudioBlock, gains: (_ tile: Int) -> [Float]?) {
    let hop = SoundTiles.hop * 2 * Double(rate)
    var frame = Int(Double(block.start) / hop)
    while first(of: frame) < block.start { frame += 1 }
    let own = channels.filter { $0 < block.channels.count }
    let sources = own.map { block.channels[$0] }
    while first(of: frame) + window.count <= block.start + block.count {
      var factors: [[Float]] = []
      while factors.count < Self.lanes,
        first(of: frame + factors.count) + window.count <= block.start + block.count
      {
        factors.append(factor(gains((frame + factors.count) / Self.hops)))
      }
      let offsets = factors.indices.map { first(of: frame + $0) - block.start }
      for pair in stride(from: 0, to: own.count, by: 2) {
        let second = pair + 1 < own.count ? pair + 1 : nil
        analyse(sources[pair], second.map { sources[$0] }, offsets)
        multiply(factors)
        add(to: &block.channels[own[pair]], offsets, imaginary: false)
        if let second { add(to: &block.channels[own[second]], offsets, imaginary: true) }
      }
      frame += factors.count
    }
    for (channel, source) in zip(own, sources) {
      mask.hold(&block.channels[channel], source: source)
      limiter.limit(&block.channels[channel], source: source)
    }
  }

  /// What each point of a spectrum is multiplied by to get what is added; the transform's scale is in it.
  private func factor(_ gains: [Float]?) -> [Float] {
    guard let gains else { return [] }
    let scale = 1 / Float(transform.length)
    let added = gains.map { (power(decibels: $0) - 1) * scale }
    return bandOfPoint.map { $0 < 0 ? 0 : added[$0] }
  }

  /// 10^(x / 20) for a few decibels.
  private func power(decibels x: Float) -> Float {
    let y = x * 0.115_129_25
    return 1 + y * (1 + y / 2 * (1 + y / 3 * (1 + y / 4 * (1 + y / 5))))
  }

  /// Transforms windows of one channel as real and of another as imaginary parts.
  private func analyse(_ real: [Float], _ imaginary: [Float]?, _ offsets: [Int]) {
    let length = transform.length
    work.withUnsafeMutableBufferPointer { work in
      guard let re = work.baseAddress else { return }
      let im = re + Self.lanes * length
      work.update(repeating: 0)
      for (samples, target) in [(real, re), (imaginary ?? [], im)] where !samples.isEmpty {
        samples.withUnsafeBufferPointer { samples in
          window.withUnsafeBufferPointer { window in
            for (lane, offset) in offsets.enumerated() {
              for index in 0..<window.count {
                let value = samples[offset &+ index]
                target[Self.lanes &* index &+ lane] = value.isFinite ? value * window[index] : 0
              }
            }
          }
        }
      }
      transform.transform(
        re, im, lanes: Self.lanes, re + 2 * Self.lanes * length, re + 3 * Self.lanes * length,
        isInverse: false)
    }
  }

  /// Multiplies the spectra and transforms them back.
  private func multiply(_ factors: [[Float]]) {
    let length = transform.length
    work.withUnsafeMutableBufferPointer { work in
      guard let re = work.baseAddress else { return }
      let im = re + Self.lanes * length
      for lane in 0..<Self.lanes {
        let factor = lane < factors.count ? factors[lane] : []
        for point in 0..<length {
          let value = factor.isEmpty ? 0 : factor[min(point, length - point)]
          re[Self.lanes &* point &+ lane] *= value
          im[Self.lanes &* point &+ lane] *= value
        }
      }
      transform.transform(
        re, im, lanes: Self.lanes, re + 2 * Self.lanes * length, re + 3 * Self.lanes * length, isInverse: true
      )
    }
  }

  private func add(to samples: inout [Float], _ offsets: [Int], imaginary: Bool) {
    let length = transform.length
    work.withUnsafeBufferPointer { work in
      window.withUnsafeBufferPointer { window in
        samples.withUnsafeMutableBufferPointer { samples in
          let base = imaginary ? Self.lanes * length : 0
          for (lane, offset) in offsets.enumerated() {
            for index in 0..<window.count {
              let value = work[base &+ Self.lanes &* index &+ lane] * window[index]
              if value != 0 { samples[offset &+ index] += value }
            }
          }
        }
      }
    }
  }
}
