internal import MediaCore

/// Power spectra of the mean of the channels, as a stream of blocks comes in: Hann windows of 32 ms every 8 ms, the first
/// around the first sample.
struct SpectrumAnalyzer {
  /// Powers of a spectrum, from 0 Hz on as far as any search looks.
  let points: Int
  private let rate: Int
  private let window: [Float]
  private let transform: FourierTransform
  private let channels: [Int]
  private var pending: [Float]
  /// The sample that stands first in `pending`.
  private var start: Int
  private var next = 0
  private var work: [Float]

  /// Spectra transformed in one go: pairs in four lanes.
  private static let batch = 8
  /// The highest frequency that a search looks at, Hz.
  private static let highest = 8000.0

  init(for info: AudioInfo) {
    rate = info.sampleRate
    let length = SoundTiles.points(rate: rate)
    let count = SoundTiles.window(rate: rate)
    points = min(length / 2, Int(Self.highest * Double(length) / Double(rate)) + 1)
    // Scaled so that powers do not depend on the rate.
    let scale = 1 / (Double(rate) * Double(count)).squareRoot()
    window = SoundTiles.hann(count).map { Float($0 * scale) }
    transform = FourierTransform(length: length)
    // Low frequency effects carry no mark.
    let heard = info.loudnessWeights.indices.filter { info.loudnessWeights[$0] > 0 }
    channels = heard.isEmpty ? Array(info.loudnessWeights.indices) : heard
    pending = [Float](repeating: 0, count: count / 2)
    start = -count / 2
    work = [Float](repeating: 0, count: 4 * 4 * length)
  }

  /// Appends the spectra that `block` completes to `spectra`.
  mutating func add(_ block: AudioBlock, to spectra: inout [Float]) {
    let scale = 1 / Float(max(1, channels.count))
    let base = pending.count
    pending += [Float](repeating: 0, count: block.count)
    for channel in channels where channel < block.channels.count {
      let samples = block.channels[channel]
      pending.withUnsafeMutableBufferPointer { pending in
        for index in samples.indices where samples[index].isFinite {
          pending[base + index] += samples[index] * scale
        }
      }
    }
    drain(atLeast: Self.batch, into: &spectra)
  }

  /// Appends what is still held back, with silence behind the end.
  mutating func finish(into spectra: inout [Float]) {
    pending += [Float](repeating: 0, count: window.count / 2)
    drain(atLeast: 1, into: &spectra)
  }

  private func first(of frame: Int) -> Int {
    Int((Double(frame) * SoundTiles.hop * Double(rate)).rounded()) - window.count / 2
  }

  private mutating func drain(atLeast least: Int, into spectra: inout [Float]) {
    while true {
      var ready = 0
      while ready < Self.batch, first(of: next + ready) + window.count <= start + pending.count { ready += 1 }
      guard ready >= least else { break }
      let from = spectra.count
      spectra += [Float](repeating: 0, count: ready * points)
      spectra.withUnsafeMutableBufferPointer { spectra in
        transformFrames(ready, into: UnsafeMutableBufferPointer(rebasing: spectra[from...]))
      }
      next += ready
    }
    let used = first(of: next) - start
    if used > 1 << 14 {
      pending.removeFirst(used)
      start += used
    }
  }

  /// Two spectra share a transform, one as its real and one as its imaginary part.
  private mutating func transformFrames(_ count: Int, into spectra: UnsafeMutableBufferPointer<Float>) {
    let length = transform.length
    let offsets = (0..<count).map { first(of: next + $0) - start }
    let points = points
    work.withUnsafeMutableBufferPointer { work in
      guard let re = work.baseAddress else { return }
      let im = re + 4 * length
      work.update(repeating: 0)
      pending.withUnsafeBufferPointer { pending in
        window.withUnsafeBufferPointer { window in
          for frame in 0..<count {
            let target = (frame & 1 == 0 ? re : im) + frame / 2
            for index in 0..<window.count {
              target[4 &* index] = pending[offsets[frame] &+ index] * window[index]
            }
          }
        }
      }
      transform.transform(re, im, lanes: 4, re + 8 * length, re + 12 * length, isInverse: false)
      for frame in 0..<count {
        let sign: Float = frame & 1 == 0 ? 1 : -1
        let lane = frame / 2
        for point in 0..<points {
          let (here, there) = (4 &* point &+ lane, 4 &* ((length &- point) & (length &- 1)) &+ lane)
          let real = re[here] + sign * re[there]
          let imaginary = im[here] - sign * im[there]
          spectra[frame &* points &+ point] = 0.25 * (real * real + imaginary * imaginary)
        }
      }
    }
  }
}
