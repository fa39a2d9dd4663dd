#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// How time and frequency are divided: tiles of 48 ms by 93.75 Hz, whose levels carry the mark. The pattern of a key covers
/// 53 by 72 of them and repeats every 2.544 s from the first sample on.
enum SoundTiles {
  /// Tiles above one another: 297 to 7047 Hz.
  static let bands = 72
  /// Tiles behind one another until the pattern repeats.
  static let period = 53
  /// Seconds between spectra.
  static let hop = 0.008
  /// Spectra in the length of a tile.
  static let hops = 6
  /// Seconds of a tile.
  static let seconds = hop * Double(hops)
  /// Spectra between the start of a tile and its middle, counted from the first sample.
  static let middle = 2.0
  private static let lowest = 296.875
  private static let width = 93.75
  /// Bands below 578 Hz, which are left as they are and count nothing: changes there are heard most.
  static let unmarked = 3

  /// Samples of a window of about 32 ms, even.
  static func window(rate: Int) -> Int { 2 * max(2, Int((Double(rate) * 0.016).rounded())) }

  /// Points of the transform of a window.
  static func points(rate: Int) -> Int {
    var points = 4
    while points < window(rate: rate) { points *= 2 }
    return points
  }

  /// Where band `band` begins, in points of a transform of sound whose pitch is `pitch` times the original.
  static func edge(of band: Int, rate: Int, pitch: Double = 1) -> Double {
    (lowest + width * Double(band)) * pitch * Double(points(rate: rate)) / Double(rate)
  }

  /// The band that point `point` of a transform lies in; nil outside of all.
  static func band(ofPoint point: Int, rate: Int) -> Int? {
    let frequency = Double(point) * Double(rate) / Double(points(rate: rate))
    let band = Int(((frequency - lowest) / width).rounded(.down))
    return (0..<bands).contains(band) ? band : nil
  }

  /// A Hann window.
  static func hann(_ count: Int) -> [Double] {
    (0..<count).map { 0.5 - 0.5 * cos(2 * .pi * Double($0) / Double(count)) }
  }
}
