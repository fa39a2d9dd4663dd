internal import MediaCore

/// Blind search for the watermark of any of several keys in sound of any length.
final class AudioWatermarkDetector: AudioDetector {
  private let keys: [WatermarkKey]
  private var analyzer: SpectrumAnalyzer
  private let search: SoundSearch
  private let info: AudioInfo
  let ranges: [Range<Int>]
  /// Below, nothing of the mark is left; above, no file is.
  private static let rates = 4000...768_000

  init(_ keys: [WatermarkKey], for info: AudioInfo, isDeep: Bool) {
    self.keys = keys
    let isSearched = Self.rates.contains(info.sampleRate)
    ranges = isSearched ? [0..<(info.count ?? .max)] : []
    // Tables for any rate that a header may state would take any memory.
    let info = isSearched ? info : AudioInfo(sampleRate: 8000, channels: info.channels, count: 0)
    self.info = info
    analyzer = SpectrumAnalyzer(for: info)
    search = SoundSearch(keys, for: info, reach: isDeep ? .deep : .usual)
  }

  func observe(_ block: AudioBlock) throws(MediaError) {
    var spectra: [Float] = []
    analyzer.add(block, to: &spectra)
    search.add(spectra[...])
  }

  func finish() throws(MediaError) -> [Detection] {
    var spectra: [Float] = []
    analyzer.finish(into: &spectra)
    search.add(spectra[...])
    return search.finish().map(detection)
  }

  /// When what stands `seconds` into the samples is heard.
  private func heard(_ seconds: Double) -> Double { info.time(of: seconds * Double(info.sampleRate)) }

  private func detection(_ finding: SoundSearch.Finding) -> Detection {
    let (start, end) = (heard(finding.start), heard(finding.end))
    return Detection(
      label: WatermarkLabel.id, confidence: 1,
      fields: [
        .init("payload", finding.message.description), .init("key", keys[finding.key].id),
        .init("log10p", number: finding.log10p, digits: 1),
        .init("statistic", number: finding.statistic, digits: 2),
        .init("start", number: start, digits: 2), .init("end", number: end, digits: 2),
        .init("tempo", number: 1 / finding.tempo, digits: 3),
        .init("pitch", number: finding.pitch, digits: 3),
      ],
      evidence:
        "watermark \(finding.message) from \(Int(start.rounded())) to \(Int(end.rounded())) s, 10^\(Int(finding.log10p.rounded())) by chance at most"
    )
  }
}
