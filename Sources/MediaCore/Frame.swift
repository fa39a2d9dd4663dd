/// What the colour planes of a region mean, in plane order.
public enum ColorModel: Sendable, Hashable {
  /// One plane, 0 black … `maxValue` white.
  case gray
  /// Red, green, blue.
  case rgb
  /// Y, Cb, Cr, full range, BT.601 coefficients (JFIF); chroma centred on (`maxValue` + 1) / 2.
  case ycbcr
  /// Cyan, magenta, yellow, black; `inverted` when 0 means full ink (Adobe JPEG).
  case cmyk(inverted: Bool)
  /// Y, Cb, Cr over inverted-or-not C, M, Y, and black beside it (Adobe transform 2).
  case ycck(inverted: Bool)
}

/// One component of a region: `width` × `height` samples, row by row without padding.
public struct SamplePlane: Sendable, Hashable {
  /// Samples in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Image pixels a sample spans: 1 for full resolution, 2 for the chroma of 4:2:0.
  public let horizontalSubsampling: Int
  /// Image rows a sample spans.
  public let verticalSubsampling: Int
  /// Largest sample value: 1, 3, 15, 255, 4095, 65535 …
  public let maxValue: UInt16
  /// The sample of black, or of the least colour difference: 0, and 16 in 8-bit video of limited range.
  public let black: UInt16
  /// The sample of white, or of the largest colour difference: `maxValue`, and less in video of limited range (235, 240)
  /// and where the signal reaches beyond white (HDR).
  public let white: UInt16
  /// `width × height` samples.
  public var samples: [UInt16]

  /// A plane of samples; `samples.count` must be `width × height`.
  public init(
    width: Int, height: Int, horizontalSubsampling: Int = 1, verticalSubsampling: Int = 1,
    maxValue: UInt16 = 255, black: UInt16 = 0, white: UInt16? = nil, samples: [UInt16]
  ) {
    precondition(samples.count == width * height)
    self.width = width
    self.height = height
    self.horizontalSubsampling = horizontalSubsampling
    self.verticalSubsampling = verticalSubsampling
    self.maxValue = maxValue
    self.black = black
    self.white = white ?? maxValue
    self.samples = samples
  }
}

/// The decoded samples under a rectangle of a frame, as planes in the frame's own colour model and depth.
public struct Region: Sendable, Hashable {
  /// The stored pixels covered; its origin is a multiple of every plane's subsampling.
  public let rect: PixelRect
  /// What `planes` mean.
  public let model: ColorModel
  /// The colour components in the order of `model`; plane sample (i, j) covers the stored pixels from
  /// `rect.x + i × horizontalSubsampling`, `rect.y + j × verticalSubsampling`.
  public var planes: [SamplePlane]
  /// Opacity, 0 … `maxValue`, not premultiplied into `planes`; nil for opaque frames.
  public var alpha: SamplePlane?

  /// Samples under `rect`.
  public init(rect: PixelRect, model: ColorModel, planes: [SamplePlane], alpha: SamplePlane? = nil) {
    self.rect = rect
    self.model = model
    self.planes = planes
    self.alpha = alpha
  }
}

/// A decoded picture that a label reads and edits region by region, whatever holds it: DCT coefficients, filtered
/// rows, planes. Owned by one worker.
public protocol Frame: AnyObject {
  /// Size as stored.
  var size: PixelSize { get }
  /// How the stored picture is shown.
  var orientation: Orientation { get }
  /// Seconds from the first frame shown; 0 for a still.
  var time: Double { get }
  /// The samples under `rect` (stored coordinates, inside the frame), rounded out to whatever unit the frame can
  /// write back alone. Reading changes nothing.
  func readRegion(_ rect: PixelRect) throws(MediaError) -> Region
  /// Puts an edited region back. Returns the rectangle outside of which no decoded sample has changed.
  @discardableResult func writeRegion(_ region: Region) throws(MediaError) -> PixelRect
  /// Gives up a palette, so that samples may take any value; shows the same. Nothing where samples may.
  func widen() throws(MediaError)
  /// Takes back `widen` and all that was written since.
  func narrow()
}

extension Frame {
  /// A still's.
  public var time: Double { 0 }
  /// Most frames have no palette.
  public func widen() throws(MediaError) {}
  /// Nothing was given up.
  public func narrow() {}
}
