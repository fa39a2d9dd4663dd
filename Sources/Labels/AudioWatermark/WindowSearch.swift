#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Looks for the mark of one key in one window after the other.
struct WindowSearch {
  /// How sound was changed since it was marked.
  struct Geometry: Hashable {
    /// Steps of `ratio` by which it is longer, and higher.
    let tempoSteps: Int
    let pitchSteps: Int

    static let ratio = 1.005
    var tempo: Double { pow(Self.ratio, Double(tempoSteps)) }
    var pitch: Double { pow(Self.ratio, Double(pitchSteps)) }
    static let unchanged = Geometry(tempoSteps: 0, pitchSteps: 0)
  }

  /// A mark in a window.
  struct Mark {
    let reading: SoundReader.Reading
    let geometry: Geometry
    /// Spectra, counted from the start of the sound.
    let span: Range<Int>
  }

  /// Steps of tempo and pitch searched each way: 6.5 %.
  private static let steps = 13
  /// Geometries searched: tempo, pitch, or both as one.
  static let geometryCount = 3 * 2 * steps
  /// Spectra by which the starts of tiles tried differ: all, and where tempo or pitch are tried.
  static let phases = [0, 1, 2, 3, 4, 5]
  static let fewPhases = [0, 2, 4]
  /// Candidates decoded in unchanged sound and in the whole search.
  private static let most = 12
  private static let mostChanged = 16
  /// Windows that are added up where none can be read alone.
  private static let mostTogether = 6

  private let points: Int
  private let rate: Int
  private var reader: SoundReader
  private var spectra: ArraySlice<Float> = []
  private var start = 0
  /// Which window it is; nil for the only one.
  private var window: Int?
  private var reference = TileReference(TileLevels(count: 0, values: []))
  /// Spectra of marks found in this window.
  private var found: [Range<Int>] = []
  /// What was tried of the unchanged window, by phase.
  private var sums: [SoundSums] = []
  /// Those that a mark was found in.
  private var geometries: [Geometry] = []
  private var remembered: [(start: Int, end: Int, sums: [SoundSums])] = []

  init(_ code: SoundCode, points: Int, rate: Int) {
    reader = SoundReader(code)
    self.points = points
    self.rate = rate
  }

  /// Turns to the window of `spectra` that begins with number `start`, a multiple of a tile. `window` is its number; nil where the sound has one
  /// alone.
  mutating func begin(_ spectra: ArraySlice<Float>, at start: Int, window: Int? = nil) {
    self.spectra = spectra
    self.start = start
    self.window = window
    found = []
    reference = TileReference(TileLevels(powers(pitch: 1), tempo: 1, phase: 0, floor: -140))
  }

  private func powers(pitch: Double) -> BandPowers {
    BandPowers(spectra, points: points, rate: rate, pitch: pitch)
  }

  private func statistic(_ powers: BandPowers, tempo: Double, phase: Int) -> TileStatistic {
    let levels = TileLevels(
      powers, tempo: tempo, phase: Double(phase), floor: reference.loud - TileLevels.depth)
    var statistic = TileStatistic(levels, reference)
    for span in found {
      let scale = tempo * Double(SoundTiles.hops)
      let (low, high) = (Double(span.lowerBound - start) / scale, Double(span.upperBound - start) / scale)
      statistic.clear(max(0, Int(low))..<max(0, Int(high) + 1))
    }
    return statistic
  }

  private func candidates(
    _ sums: SoundSums, _ look: SoundDecision.Look, phase: Int, most: Int = 3, isAligned: Bool = true
  ) -> [SoundReader.Candidate] {
    reader.candidates(sums, most: most) { offset in
      SoundDecision.share(look, window: window, offset: offset, phase: phase, isAligned: isAligned)
    }
  }

  /// A mark in sound that was not changed.
  mutating func unchanged() -> Mark? { read(.unchanged, keepsSums: true) }

  /// A mark in sound of which nothing was cut either: tiles begin where they were made.
  mutating func untouched() -> Mark? { read(.unchanged, keepsSums: false, phases: [0]) }

  /// A mark in a geometry that one was found in before.
  mutating func known() -> Mark? {
    for geometry in geometries { if let mark = read(geometry, keepsSums: false) { return mark } }
    return nil
  }

  private mutating func read(
    _ geometry: Geometry, keepsSums: Bool, phases: [Int] = Self.phases
  ) -> Mark? {
    let powers = powers(pitch: geometry.pitch)
    // Periods go on from window to window where nothing was stretched.
    let goesOn = geometry.tempoSteps == 0
    let row = goesOn ? start / SoundTiles.hops % SoundTiles.period : 0
    let look = geometry == .unchanged ? SoundDecision.Look.unchanged : .known
    var tries: [(candidate: SoundReader.Candidate, phase: Int, statistic: TileStatistic)] = []
    if keepsSums { sums = [] }
    for phase in phases {
      let statistic = statistic(powers, tempo: geometry.tempo, phase: phase)
      let own = SoundSums(statistic, start: row)
      if keepsSums { sums.append(own) }
      tries += candidates(own, look, phase: phase, isAligned: goesOn || start == 0).map {
        ($0, phase, statistic)
      }
    }
    tries.sort { $0.candidate.sync > $1.candidate.sync }
    var best: (reading: SoundReader.Reading, attempt: Int)?
    for (index, attempt) in tries.prefix(Self.most).enumerated()
    where attempt.candidate.sync >= SyncThreshold.Sound.read {
      guard let reading = reader.read(attempt.candidate), reading.doubt < best?.reading.doubt ?? .infinity
      else { continue }
      best = (reading, index)
      if reading.doubt <= SoundDecision.largestDoubt { break }
    }
    guard let best else { return nil }
    let attempt = tries[best.attempt]
    return mark(best.reading, geometry, attempt.candidate, attempt.phase, attempt.statistic, row)
  }

  /// A mark in sound that was stretched, shifted or both.
  mutating func changed() -> Mark? {
    var best: [(sync: Float, geometry: Geometry, phase: Int)] = []
    for pitch in -Self.steps...Self.steps {
      let tempos = pitch == 0 ? Array(-Self.steps...Self.steps).filter { $0 != 0 } : [0, -pitch]
      let powers = powers(pitch: pow(Geometry.ratio, Double(pitch)))
      for tempo in tempos {
        let geometry = Geometry(tempoSteps: tempo, pitchSteps: pitch)
        for phase in Self.fewPhases {
          let sums = SoundSums(statistic(powers, tempo: geometry.tempo, phase: phase), start: 0)
          guard let candidate = candidates(sums, .changed, phase: phase, most: 1, isAligned: start == 0).first
          else { continue }
          if candidate.sync >= SyncThreshold.Sound.readStretched {
            best.append((candidate.sync, geometry, phase))
          }
        }
      }
    }
    best.sort { $0.sync > $1.sync }
    for attempt in best.prefix(Self.mostChanged) {
      let statistic = statistic(
        powers(pitch: attempt.geometry.pitch), tempo: attempt.geometry.tempo, phase: attempt.phase)
      let sums = SoundSums(statistic, start: 0)
      for candidate in candidates(sums, .changed, phase: attempt.phase, most: 1, isAligned: start == 0) {
        guard let reading = reader.read(candidate) else { continue }
        if !geometries.contains(attempt.geometry) { geometries.append(attempt.geometry) }
        return mark(reading, attempt.geometry, candidate, attempt.phase, statistic, 0)
      }
    }
    return nil
  }

  private mutating func mark(
    _ reading: SoundReader.Reading, _ geometry: Geometry, _ candidate: SoundReader.Candidate, _ phase: Int,
    _ statistic: TileStatistic, _ row: Int
  ) -> Mark {
    let rows = MarkSpan.rows(
      statistic, signs: reader.code.signs(of: reading.message), start: row - candidate.offset)
    let scale = geometry.tempo * Double(SoundTiles.hops)
    let ends = [rows.lowerBound, rows.upperBound].map { start + Int((Double($0) * scale).rounded()) + phase }
    let last = start + spectra.count / points
    // A part of a tile is left over at the end.
    let end = last - ends[1] < 2 * SoundTiles.hops ? last : ends[1]
    let span = (rows.lowerBound == 0 ? start : ends[0])..<max(end, ends[0] + 1)
    found.append(span)
    return Mark(reading: reading, geometry: geometry, span: span)
  }

  /// Where the windows kept for `together` end, in spectra; 0 before the first.
  var rememberedEnd: Int { remembered.last?.end ?? 0 }

  /// Keeps the sums of the end of the sound, which no window that was kept reaches, for `together`.
  mutating func rememberRest() {
    let powers = powers(pitch: 1)
    let row = start / SoundTiles.hops % SoundTiles.period
    sums = Self.phases.map { SoundSums(statistic(powers, tempo: 1, phase: $0), start: row) }
    remember()
  }

  /// Keeps the sums of this window, in which nothing was found, for `together`.
  mutating func remember() {
    guard sums.count == Self.phases.count else { return }
    remembered.append((start, start + spectra.count / points, sums))
    if remembered.count > Self.mostTogether { remembered.removeFirst() }
  }

  /// A mark in the sum of the last windows without one.
  mutating func together() -> Mark? {
    guard remembered.count > 1, let first = remembered.first, let last = remembered.last else { return nil }
    var candidates: [SoundReader.Candidate] = []
    for phase in Self.phases {
      var total = SoundSums()
      for window in remembered { total.add(window.sums[phase]) }
      candidates += self.candidates(total, .together, phase: phase)
    }
    candidates.sort { $0.sync > $1.sync }
    for candidate in candidates.prefix(Self.most) {
      guard let reading = reader.read(candidate) else { continue }
      return Mark(reading: reading, geometry: .unchanged, span: first.start..<max(last.end, first.start + 1))
    }
    return nil
  }
}
