internal import MediaCore

/// Looks for marks of several keys in spectra as they come in: windows of four periods, each two periods later, and sums of windows
/// where none is found alone.
final class SoundSearch {
  /// How far is looked.
  enum Reach {
    /// Sound that was neither stretched nor shifted.
    case unchanged
    /// Up to 6.5 % faster or slower, higher or lower, or both.
    case usual
    /// The same in every window, not in every other.
    case deep
  }

  /// A mark that was found.
  struct Finding {
    /// Which of the keys.
    let key: Int
    let message: SoundMessage
    /// Seconds.
    var start: Double
    var end: Double
    var log10p: Double
    let statistic: Double
    /// How many times as long, and how many times as high, the sound is as when it was marked.
    let tempo: Double
    let pitch: Double
    /// Windows looked at when it was first read.
    let windows: Int
    /// Whether it is read without doubt, or in two windows: what words near to its own have of a faint mark differs from one to the next.
    var isBelieved: Bool
  }

  /// Spectra of a window, and from one to the next: whole tiles, so that periods go on from window to window.
  static let windowLength = 4 * SoundTiles.period * SoundTiles.hops
  private static let stride = 2 * SoundTiles.period * SoundTiles.hops
  /// Spectra at the end that are worth a window of their own.
  private static let rest = 48
  /// Seconds between two findings of one message that are one all the same.
  private static let gap = 4.0
  /// Bits of 256 in which two words differ that are one read badly: others differ in 128 ± 8.
  private static let likeness = 72
  /// Marks looked for in one window.
  private static let mostMarks = 3

  private let reach: Reach
  private let points: Int
  private let rate: Int
  private var searches: [WindowSearch]
  private var spectra: [Float] = []
  /// The spectrum that stands first in `spectra`.
  private var start = 0
  /// Where the next window begins.
  private var next = 0
  private var findings: [Finding] = []
  /// Looked at so far.
  private var windows = 0

  init(_ keys: [WatermarkKey], for info: AudioInfo, reach: Reach) {
    self.reach = reach
    rate = info.sampleRate
    points = SpectrumAnalyzer(for: info).points
    let (rate, points) = (rate, points)
    searches = keys.map { WindowSearch(SoundCode($0), points: points, rate: rate) }
  }

  /// Takes the next spectra.
  func add(_ new: ArraySlice<Float>) {
    spectra += new
    while count - next >= Self.windowLength {
      look(next..<next + Self.windowLength)
      next += Self.stride
      // The last window of all may begin a little before the one that would be next.
      let unused = next - Self.stride - start
      if unused > 0 {
        spectra.removeFirst(unused * points)
        start += unused
      }
    }
  }

  /// All that was found, by time.
  func finish() -> [Finding] {
    let seen = next == 0 ? 0 : next - Self.stride + Self.windowLength
    if count - seen >= Self.rest || next == 0 {
      let first = max(start, count - Self.windowLength)
      look((first + SoundTiles.hops - 1) / SoundTiles.hops * SoundTiles.hops..<count, isLast: true)
    }
    for key in searches.indices
    where !findings.contains(where: { $0.key == key && $0.isBelieved }) {
      let end = searches[key].rememberedEnd
      if end > start, count - end >= Self.rest {
        searches[key].begin(spectra[((end - start) * points)...], at: end)
        searches[key].rememberRest()
      }
      if let finding = searches[key].together() { add(finding, key) }
    }
    return Self.withoutMisreadings(findings.filter(\.isBelieved)).sorted {
      ($0.start, $0.log10p) < ($1.start, $1.log10p)
    }
  }

  /// `findings` without those that are nearly another that is surer: where a mark is read badly a word that is nearly its own may pass the
  /// checksum. Their time is that of the mark.
  static func withoutMisreadings(_ findings: [Finding]) -> [Finding] {
    var kept: [Finding] = []
    for finding in findings.sorted(by: { $0.log10p < $1.log10p }) {
      let right = kept.firstIndex {
        $0.key == finding.key && $0.message.differences(from: finding.message) <= likeness
      }
      guard let right else {
        kept.append(finding)
        continue
      }
      guard finding.start <= kept[right].end + gap, kept[right].start <= finding.end + gap else { continue }
      kept[right].start = min(kept[right].start, finding.start)
      kept[right].end = max(kept[right].end, finding.end)
    }
    return kept
  }

  /// Whether `message` was found by now.
  func hasFound(_ message: SoundMessage) -> Bool {
    findings.contains { $0.message == message && $0.isBelieved }
  }

  private var count: Int { start + spectra.count / points }

  private func look(_ window: Range<Int>, isLast: Bool = false) {
    guard window.count > SoundTiles.hops else { return }
    let part = spectra[(window.lowerBound - start) * points..<(window.upperBound - start) * points]
    // A file of one window alone is known by its end.
    let number = isLast && windows == 0 ? nil : windows
    windows += 1
    let isAlternate = window.lowerBound % (2 * Self.stride) == 0
    for key in searches.indices {
      searches[key].begin(part, at: window.lowerBound, window: number)
      var (marks, isDoubtful) = (0, false)
      while marks < Self.mostMarks, !isDoubtful,
        let finding = searches[key].unchanged() ?? searches[key].known()
      {
        add(finding, key)
        isDoubtful = finding.reading.doubt > SoundDecision.largestDoubt
        if !isDoubtful { marks += 1 }
      }
      guard marks == 0 else { continue }
      // What is doubtful in one window may be sure in the sum of several.
      let isSearched = reach == .deep || reach == .usual && (isAlternate || isLast)
      if isSearched, !isDoubtful, let finding = searches[key].changed() {
        add(finding, key)
      } else if isAlternate, reach != .unchanged {
        searches[key].remember()
      }
    }
  }

  private func add(_ mark: WindowSearch.Mark, _ key: Int) {
    let hop = SoundTiles.hop
    var finding = Finding(
      key: key, message: mark.reading.message, start: Double(mark.span.lowerBound) * hop,
      end: Double(mark.span.upperBound) * hop, log10p: mark.reading.log10p,
      statistic: mark.reading.statistic, tempo: mark.geometry.tempo, pitch: mark.geometry.pitch,
      windows: windows, isBelieved: mark.reading.doubt <= SoundDecision.largestDoubt)
    let others = findings.indices.filter {
      findings[$0].key == key && findings[$0].message == finding.message
    }
    if others.contains(where: { findings[$0].isBelieved || findings[$0].windows != windows }) {
      finding.isBelieved = true
    }
    if finding.isBelieved { for other in others { findings[other].isBelieved = true } }
    guard let same = others.last(where: { finding.start <= findings[$0].end + Self.gap }) else {
      return findings.append(finding)
    }
    findings[same].start = min(findings[same].start, finding.start)
    findings[same].end = max(findings[same].end, finding.end)
    findings[same].log10p = min(findings[same].log10p, finding.log10p)
  }
}
