/// The luma of a frame where it lies in memory: rows of 8-bit samples, or of 16-bit ones in the machine's order.
public struct LumaSamples {
  /// Samples in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Largest sample value: 255, 1023, 4095.
  public let maxValue: UInt16
  /// The first sample of the first row.
  public let base: UnsafeMutableRawPointer
  /// Bytes from a row to the next; negative where rows stand from the bottom up.
  public let stride: Int
  /// How many grey levels of 0 … 255 of an SDR picture change what is seen as much as one of this picture does: more than one in
  /// HDR, where the same range of values holds more light.
  public let contrast: Float

  /// Samples at `base`, valid only as long as the frame holds them.
  public init(
    width: Int, height: Int, maxValue: UInt16, base: UnsafeMutableRawPointer, stride: Int, contrast: Float = 1
  ) {
    self.width = width
    self.height = height
    self.maxValue = maxValue
    self.base = base
    self.stride = stride
    self.contrast = contrast
  }

  /// Whether a sample takes two bytes.
  public var isWide: Bool { maxValue > 255 }
  /// The first sample of row `y`.
  public func row(_ y: Int) -> UnsafeMutableRawPointer { base + y * stride }
}

/// A frame whose luma lies in memory as one plane, and is read and edited there without a copy.
public protocol LumaFrame: Frame {
  /// Whether a plane is luma at all; false for red, green and blue.
  var hasLuma: Bool { get }
  /// Calls `body` with the samples, which it must not change.
  func readLuma(_ body: (LumaSamples) -> Void) throws(MediaError)
  /// Calls `body` with samples that it may change.
  func editLuma(_ body: (LumaSamples) -> Void) throws(MediaError)
  /// Asks for a prediction from earlier pictures alone, where an encoder has the choice: a pattern that stands still over what
  /// moves makes one from both sides look better than it is.
  func predictForward()
}

extension LumaFrame {
  /// Most frames are not predicted.
  public func predictForward() {}
}
