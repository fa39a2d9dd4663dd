/// How the 8-bit samples of a pixel lie side by side; the raw value is how many they are.
public enum PackedChannels: Int, Sendable, Hashable {
  /// One sample, 0 black.
  case gray = 1
  /// Grey and opacity.
  case grayAlpha = 2
  /// Red, green, blue.
  case rgb = 3
  /// Red, green, blue and opacity, which is not multiplied into them.
  case rgba = 4

  /// Whether the last sample is opacity.
  public var hasAlpha: Bool { self == .grayAlpha || self == .rgba }
}

/// A frame whose rows can be read and edited as bytes, mostly where they lie, without a copy as planes.
public protocol PackedFrame: Frame {
  /// How pixels lie in a row; nil where rows do not hold all there is to a picture as bytes: another depth, a palette, a
  /// colour that stands for transparency.
  var packedChannels: PackedChannels? { get }
  /// Calls `body` with the samples of each of `rows`, width × channels, from top to bottom. Throws `internalFault` without
  /// `packedChannels` or for rows that the picture does not have.
  func readPackedRows(
    _ rows: Range<Int>, _ body: (_ y: Int, _ samples: UnsafePointer<UInt8>) -> Void
  ) throws(MediaError)
  /// Calls `body` with the samples of each of `rows`, which it may edit, from top to bottom. Throws as `readPackedRows` does.
  func editPackedRows(
    _ rows: Range<Int>, _ body: (_ y: Int, _ samples: UnsafeMutablePointer<UInt8>) -> Void
  ) throws(MediaError)
}

extension PackedFrame {
  /// Calls `body` with the samples of row `y`.
  public func readPackedRow(_ y: Int, _ body: (UnsafePointer<UInt8>) -> Void) throws(MediaError) {
    try readPackedRows(y..<y + 1) { body($1) }
  }

  /// Calls `body` with the samples of row `y`, which it may edit.
  public func editPackedRow(_ y: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Void) throws(MediaError) {
    try editPackedRows(y..<y + 1) { body($1) }
  }
}
