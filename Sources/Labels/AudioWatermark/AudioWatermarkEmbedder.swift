internal import MediaCore

/// Puts one message into the sound of one file: it hears all of it, plans, and edits it in pieces. Of each hour it keeps 11 MB.
final class AudioWatermarkEmbedder: AudioEmbedder {
  private let info: AudioInfo
  private let key: WatermarkKey
  private let payload: WatermarkPayload
  private let level: WatermarkLevel
  private let code: SoundCode
  private var analyzer: SpectrumAnalyzer
  private let synthesis: MarkSynthesis
  /// Of the message that may be there already.
  private let search: SoundSearch?
  private var spectra: [Float] = []
  /// Levels of all tiles in hundredths of a decibel, and when settled their gains.
  private var tiles: [Int16] = []
  private var heard = 0
  private var message: SoundMessage
  private var isThere = false
  private var readBack: SoundReadBack?

  /// Seconds of sound that is edited at once: windows over the seams stay as they are.
  private static let piece = 30
  /// Tiles planned at once, and those beside them that are taken into account.
  private static let planned = 1024
  private static let beside = 64
  /// Tiles whose levels are taken at once.
  private static let taken = 102
  /// The level of loud tiles below which 16 bits do not hold the mark; a sine of full scale has -27.
  private static let faintest: Float = -95
  /// Part of the sound that must carry the message already for it to stay as it is.
  private static let covered = 0.8
  /// Seconds of the shortest sound that is marked: a period.
  static let shortest = SoundTiles.seconds * Double(SoundTiles.period)
  /// Hours of the longest, so that a small file of endless silence takes neither all memory nor days.
  static let longestHours = 24

  /// Nothing is listened for of a payload that `isNew`.
  init(
    _ key: WatermarkKey, _ payload: WatermarkPayload, _ level: WatermarkLevel, for info: AudioInfo,
    isNew: Bool = false
  ) throws(MediaError) {
    self.info = info
    self.level = level
    self.key = key
    self.payload = payload
    guard (8000...384_000).contains(info.sampleRate) else {
      throw MediaError(
        .insufficientCapacity, .label,
        "sound of \(info.sampleRate) Hz is outside of the 8 to 384 kHz that the watermark takes")
    }
    code = SoundCode(key)
    analyzer = SpectrumAnalyzer(for: info)
    synthesis = MarkSynthesis(for: info)
    search = isNew ? nil : SoundSearch([key], for: info, reach: .unchanged)
    message = SoundMessage(payload, seconds: Double(info.count ?? .max) / Double(info.sampleRate))
    if let count = info.count { try Self.require(count, info) }
  }

  private static func require(_ count: Int, _ info: AudioInfo) throws(MediaError) {
    let seconds = Double(count) / Double(info.sampleRate)
    try requireNotLonger(seconds)
    guard seconds < shortest else { return }
    throw MediaError(
      .insufficientCapacity, .label,
      "sound of \((seconds * 100).rounded() / 100) s is too short for the watermark, which takes \(shortest) s"
    )
  }

  private static func requireNotLonger(_ seconds: Double) throws(MediaError) {
    guard seconds > Double(3600 * longestHours) else { return }
    throw MediaError(
      .insufficientCapacity, .label,
      "sound of \((seconds / 360).rounded() / 10) hours is longer than the \(longestHours) that the watermark takes"
    )
  }

  var surroundings: [Range<Int>] { [0..<(info.count ?? .max)] }

  func listen(to block: AudioBlock) throws(MediaError) {
    heard = max(heard, block.start + block.count)
    try Self.requireNotLonger(Double(heard) / Double(info.sampleRate))
    let before = spectra.count
    analyzer.add(block, to: &spectra)
    search?.add(spectra[before...])
    takeLevels()
  }

  /// Decibels as they are kept; samples of a stranger's floats may be of any size.
  private static func hundredths(_ decibels: Float) -> Int16 {
    decibels.isFinite ? Int16(min(max((decibels * 100).rounded(), -32_000), 32_000)) : 0
  }

  /// Turns the spectra at hand into levels, but for the last that a further tile needs.
  private func takeLevels(isLast: Bool = false) {
    let row = SoundTiles.hops * analyzer.points
    while spectra.count >= Self.taken * row || isLast && spectra.count >= 2 * row {
      let count = min(Self.taken, spectra.count / row)
      let powers = BandPowers(
        spectra[..<(count * row)], points: analyzer.points, rate: info.sampleRate, pitch: 1)
      let levels = TileLevels(powers, tempo: 1, phase: 0, floor: -140)
      // The first tile lacks what was in front of it, but for the first of all.
      let known = tiles.isEmpty ? 0 : SoundTiles.bands
      tiles += levels.values[known...].map(Self.hundredths)
      spectra.removeFirst((levels.count - 1) * row)
    }
  }

  func settle() throws(MediaError) -> [Range<Int>] {
    try Self.require(heard, info)
    let before = spectra.count
    analyzer.finish(into: &spectra)
    search?.add(spectra[before...])
    takeLevels(isLast: true)
    spectra = []
    message = SoundMessage(payload, seconds: Double(heard) / Double(info.sampleRate))
    if isMarked {
      isThere = true
      return []
    }
    try plan()
    readBack = SoundReadBack(message, key, code, for: info)
    let piece = Self.piece * info.sampleRate
    return stride(from: 0, to: heard, by: piece).map { $0..<min(heard, $0 + piece) }
  }

  /// Whether the message is in most of the sound already.
  private var isMarked: Bool {
    guard let search else { return false }
    let seconds = search.finish().filter { $0.message == message }.reduce(0) { $0 + $1.end - $1.start }
    return seconds >= Self.covered * Double(heard) / Double(info.sampleRate)
  }

  /// Puts gains in the place of levels. Throws `insufficientCapacity` where no reader would find the message.
  private func plan() throws(MediaError) {
    let bands = SoundTiles.bands
    let count = tiles.count / bands
    let loud = loudLevel
    guard loud >= Self.faintest else { throw Self.unreadable }
    let plan = MarkPlan(code, message, level, loud: loud)
    var reader = SoundReader(code)
    let share = { SoundDecision.share(.unchanged, window: 0, offset: $0, phase: 0, isAligned: true) }
    var isReadable = false
    // Levels of the tiles in front, whose place gains have taken.
    var front: [Int16] = []
    for start in stride(from: 0, to: count, by: Self.planned) {
      let end = min(count, start + Self.planned)
      let known = front + tiles[start * bands..<min(count, end + Self.beside) * bands]
      let first = start - front.count / bands
      let levels = TileLevels(
        count: known.count / bands, values: known.map { max(Float($0) / 100, loud - TileLevels.depth) })
      front = Array(tiles[max(0, end - Self.beside) * bands..<end * bands])
      let (gains, statistic) = plan.gains(levels, start: first % SoundTiles.period)
      for index in start * bands..<end * bands {
        tiles[index] = Self.hundredths(gains[index - first * bands])
      }
      let sums = SoundSums(statistic, start: first % SoundTiles.period)
      for candidate in reader.candidates(sums, most: 1, share: share) {
        isReadable = isReadable || reader.read(candidate)?.message == message
      }
    }
    guard isReadable else { throw Self.unreadable }
  }

  private static let unreadable = MediaError(
    .insufficientCapacity, .label,
    "the sound is too quiet, too even or too narrow for the watermark to be read back")

  private var loudLevel: Float {
    // Every so many tiles of long sound tell it as well.
    let step = max(1, tiles.count / 1_000_000)
    return TileLevels.loud(stride(from: 0, to: tiles.count, by: step).map { Float(tiles[$0]) / 100 })
  }

  func embed(in block: inout AudioBlock) throws(MediaError) {
    let bands = SoundTiles.bands
    synthesis.apply(to: &block) { tile in
      guard tile >= 0, (tile + 1) * bands <= tiles.count else { return nil }
      return tiles[tile * bands..<(tile + 1) * bands].map { Float($0) / 100 }
    }
    readBack?.listen(to: block)
  }

  func isReadable() -> Bool { readBack?.finish() ?? isThere }

  var fields: [Detection.Field] {
    [.init("payload", message.description), .init("key", key.id)]
      + (isThere ? [.init("present", "true")] : [])
  }
}
