#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The rhythm label of GB 45438-2025 5.3 c), 短长 短短, Morse for "AI": a dot is one unit long, a dash three, tones of
/// one letter are one unit apart and letters three (ITU-R M.1677-1).
struct CueRhythm: Sendable {
  /// Tones, in units from the start of the first.
  static let tones = [0..<1, 2..<5, 8..<9, 10..<11]
  /// Silences between them.
  static let gaps = [1..<2, 5..<8, 9..<10]
  /// Units from the start of the first tone to the end of the last.
  static let units = 11
  /// What is written: 12 words a minute, slow enough to be heard as long and short by who knows no Morse.
  static let usualUnit = 0.1
  /// What a short file is given; faster than that, dot and dash are hard to tell apart.
  static let shortestUnit = 0.06
  /// The tone's frequency: within the telephone's band and above most of a voice's energy.
  static let frequency = 800.0
  /// How long a tone takes to rise, and to fall, within its length: shorter ones click.
  static let ramp = 0.008

  /// Seconds of a dot.
  var unit = usualUnit

  /// Seconds of the whole.
  var duration: Double { unit * Double(Self.units) }

  /// The tone `time` seconds after its start: -1 … 1, with raised cosines as ramps.
  func sample(at time: Double) -> Double {
    for tone in Self.tones {
      let start = Double(tone.lowerBound) * unit
      let end = Double(tone.upperBound) * unit
      guard time >= start, time < end else { continue }
      let edge = min(time - start, end - time) / Self.ramp
      let gain = edge < 1 ? 0.5 - 0.5 * cos(.pi * edge) : 1
      return gain * sin(2 * .pi * Self.frequency * (time - start))
    }
    return 0
  }
}
