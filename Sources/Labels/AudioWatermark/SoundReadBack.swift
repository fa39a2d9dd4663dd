internal import MediaCore

/// Listens to sound as it was marked until the message is read from it, as a reader reads sound that nothing happened to. Tiles become what
/// was planned only where they hold sound of their own: not what leaks into them from a tone or a click, nor less than a step of 16 bits.
final class SoundReadBack {
  private let key: WatermarkKey
  private let code: SoundCode
  private let message: SoundMessage
  private let info: AudioInfo
  private var analyzer: SpectrumAnalyzer
  /// Spectra that were not looked at yet.
  private var spectra: [Float] = []
  /// Looks everywhere; made once the message is not where it was put.
  private var search: SoundSearch?
  /// The sample that goes on from what was heard.
  private var next = 0
  private var isRead = false

  /// Seconds heard before it is asked again whether the message was read.
  private static let part = 1
  /// Steps in the full scale of 16 bits.
  private static let steps: Float = 32_768

  init(_ message: SoundMessage, _ key: WatermarkKey, _ code: SoundCode, for info: AudioInfo) {
    self.key = key
    self.code = code
    self.message = message
    self.info = info
    analyzer = SpectrumAnalyzer(for: info)
  }

  /// Takes the next block; one that does not go on from the last begins anew, as a codec may want sound twice.
  func listen(to block: AudioBlock) {
    guard !isRead else { return }
    if block.start != next {
      analyzer = SpectrumAnalyzer(for: info)
      spectra = []
      search = nil
    }
    next = block.start + block.count
    let part = Self.part * info.sampleRate
    for start in stride(from: 0, to: block.count, by: part) where !isRead {
      let range = start..<min(block.count, start + part)
      let rounded = block.channels.map { $0[range].map { ($0 * Self.steps).rounded() / Self.steps } }
      analyzer.add(
        AudioBlock(sampleRate: block.sampleRate, start: block.start + start, channels: rounded), to: &spectra)
      look(atLeast: SoundSearch.windowLength * analyzer.points)
    }
  }

  /// Whether the message was read, once all was heard.
  func finish() -> Bool {
    guard !isRead else { return true }
    analyzer.finish(into: &spectra)
    look(atLeast: 1)
    isRead = isRead || search?.finish().contains { $0.message == message } == true
    return isRead
  }

  private func look(atLeast least: Int) {
    guard search == nil, spectra.count >= least else { return lookOn() }
    var window = WindowSearch(code, points: analyzer.points, rate: info.sampleRate)
    window.begin(spectra[...], at: 0, window: least == 1 ? nil : 0)
    if let reading = window.untouched()?.reading, reading.message == message {
      isRead = reading.doubt <= SoundDecision.largestDoubt
    }
    guard !isRead else { return }
    search = SoundSearch([key], for: info, reach: .unchanged)
    lookOn()
  }

  private func lookOn() {
    guard let search else { return }
    search.add(spectra[...])
    spectra = []
    isRead = search.hasFound(message)
  }
}
