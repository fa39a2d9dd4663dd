internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Adds one payload's tiles to the luma of a picture: in the coefficients where the frame has them, else in pixels.
final class ImageWatermarkEmbedder: FrameEmbedder {
  private let code: TileCode
  private let payload: WatermarkPayload
  private let info: MediaInfo

  init(_ code: TileCode, _ payload: WatermarkPayload, for info: MediaInfo) {
    self.code = code
    self.payload = payload
    self.info = info
  }

  func embed(in frame: any Frame) throws(MediaError) -> Embedding {
    let eighths = Self.eighths(for: frame.size)
    let pattern = TilePattern(code, payload, eighths: eighths)
    let signs = TileSigns(code, TileCode.pattern(of: payload))
    let error: Double
    if let frame = frame as? any CoefficientFrame, let grid = frame.lumaGrid {
      error = try CoefficientMarking(pattern, signs, grid: grid).mark(frame)
    } else {
      error = try PixelMarking(pattern, signs, size: frame.size).mark(frame)
    }
    var embedding = Embedding(
      box: PixelRect(x: 0, y: 0, width: frame.size.width, height: frame.size.height), textHeight: 0, text: "")
    embedding.fields = [
      .init("payload", payload.description),
      .init("psnr", number: error > 0 ? 10 * log10(255 * 255 / error) : 99, digits: 2),
    ]
    return embedding
  }

  /// Eighths of a pixel that a cell is wide: an eighth of the tile, so that a tile is a whole number of blocks.
  static func eighths(for size: PixelSize) -> Int {
    let cells = 512.0
    return max(8, Int((8 * Double(size.pixelCount).squareRoot() / cells).rounded()))
  }
}

/// The sign that the message has in each tile of a picture, from its top left.
struct TileSigns {
  private let signs: [Float]

  init(_ code: TileCode, _ pattern: Int) { signs = code.signs[pattern] }

  /// Whether the message stands inverted in the tile at `column`, `row` of tiles.
  @inline(__always)
  func isInverted(_ column: Int, _ row: Int) -> Bool {
    signs[row % TileCode.signPeriod * TileCode.signPeriod + column % TileCode.signPeriod] < 0
  }
}
