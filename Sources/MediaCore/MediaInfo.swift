/// Whether a file is looked at, listened to, or both.
public enum MediaKind: String, Sendable, CaseIterable {
  case image, audio, video
}

/// What an opened file says of itself before anything is decoded.
public struct MediaInfo: Sendable, Hashable {
  /// The container's id in the format table.
  public let format: FormatID
  /// What it is presented as.
  public let kind: MediaKind
  /// Stored size of the picture; zero for audio.
  public let size: PixelSize
  /// How the stored picture is shown.
  public let orientation: Orientation
  /// Bits per sample as stored.
  public let bitDepth: Int
  /// The coding in words for people: `progressive YCbCr 4:2:0`, `RGBA 16-bit interlaced`.
  public let coding: String

  /// What an opened file says of itself.
  public init(
    format: FormatID, kind: MediaKind, size: PixelSize, orientation: Orientation = .up, bitDepth: Int = 8,
    coding: String = ""
  ) {
    self.format = format
    self.kind = kind
    self.size = size
    self.orientation = orientation
    self.bitDepth = bitDepth
    self.coding = coding
  }

  /// Size as displayed: what the size rule of an explicit label refers to.
  public var displaySize: PixelSize { orientation.displaySize(ofStored: size) }
}
