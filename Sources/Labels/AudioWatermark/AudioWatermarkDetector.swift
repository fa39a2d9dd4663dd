internal import MediaCore

/// Blind search for the watermark of any of several keys in sound of any length.
final class AudioWatermarkDetector: AudioDetector {
  private let keys: [WatermarkKey]
  private var analyzer: SpectrumAnalyzer
  private let search: SoundSearch
  let ranges: [Range<Int>]
  /// Below, nothing of the mark is left; above, no file is.
  private static let rates = 4000...768_000

  init(_ keys: [WatermarkKey], for info: AudioInfo, isDeep: Bool) {
    self.keys = keys
    let isSearched = Self.rates.contains(info.sampleRate)
    ranges = isSearched ? [0..<(info.count ?? .max)] : []
    // Tables for any rate that a header may state would take any memory.
    let info = isSearched ? info : AudioInfo(sampleRate: 8000, channels: info.channels, count: 0)
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

  private func detection(_ finding: SoundSearch.Finding) -> Detection {
    Detection(
      label: WatermarkLabel.id, confidence: 1,
      fields: [
        .init("payload", finding.message.description), .init("key", keys[finding.key].id),
        .init("log10p", number: finding.log10p, digits: 1),
        .init("statistic", number: finding.statistic, digits: 2),
        .init("start", number: finding.start, digits: 2), .init("end", number: finding.end, digits: 2),
        .init("tempo", number: 1 / finding.tempo, digits: 3),
        .init("pitch", number: finding.pitch, digits: 3),
      ],
      evidence:
        "watermark \(finding.message) from \(Int(finding.start.rounded())) to \(Int(finding.end.rounded())) s, 10^\(Int(finding.log10p.rounded())) by chance at most"
    )
  }
}
