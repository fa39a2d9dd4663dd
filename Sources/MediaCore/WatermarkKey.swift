/// The secret that a watermark is made and found with: 256 random bits. Printing one shows nothing of it.
public struct WatermarkKey: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
  /// Bytes of a key.
  public static let byteCount = 32
  /// The secret itself.
  public let bytes: [UInt8]

  /// A key of `bytes`; nil unless there are `byteCount`.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// A word instead of the bytes, so that no log or report can hold them.
  public var description: String { "watermark key" }
  /// As `description`.
  public var debugDescription: String { description }
}
