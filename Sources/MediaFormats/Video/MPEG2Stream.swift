/// Start codes of H.262 (ITU-T H.262 6.2.1).
enum MPEG2Stream {
  /// In front of the parameters that hold until the next.
  static let sequenceHeader: [UInt8] = [0, 0, 1, 0xB3]
}
