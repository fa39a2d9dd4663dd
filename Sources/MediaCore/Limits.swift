/// Bounds on what a stranger's file may make us do. Exceeding one is `limitExceeded`, never a crash.
public struct Limits: Sendable, Hashable {
  /// Most pixels of one frame.
  public var pixels: Int
  /// Most bytes of decoded picture data held for one file.
  public var decodedBytes: Int
  /// Most bytes of one input file that is read into memory whole (still pictures).
  public var fileBytes: Int
  /// Most bytes of one metadata value or packet after decompression.
  public var metadataValueBytes: Int
  /// Most metadata items, chunks or segments of one file.
  public var metadataItems: Int
  /// Most bytes of headers and indexes of one audio or video file held in memory (`moov`, `idx1`, `Cues`).
  public var indexBytes: Int
  /// Deepest nesting of XML elements or JSON values.
  public var nesting: Int
  /// Seconds of a film up to which its sound is counted packet by packet from the first; in a longer one packets may be found by
  /// the times that the container gives them, which is near enough to listen but not to edit.
  public var countedSeconds = Double.infinity

  /// Bounds; the defaults admit 8192 × 8192 with alpha and keep one file under 512 MB.
  public init(
    pixels: Int = 100_000_000, decodedBytes: Int = 420 << 20, fileBytes: Int = 256 << 20,
    metadataValueBytes: Int = 1 << 20, metadataItems: Int = 4096, indexBytes: Int = 128 << 20,
    nesting: Int = 32
  ) {
    self.pixels = pixels
    self.decodedBytes = decodedBytes
    self.fileBytes = fileBytes
    self.metadataValueBytes = metadataValueBytes
    self.metadataItems = metadataItems
    self.indexBytes = indexBytes
    self.nesting = nesting
  }
}
