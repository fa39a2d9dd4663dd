import MediaCore

@testable import Labels

/// Pictures that any bytes make: what a stranger may send, not what pictures look like.
enum StrangeFrames {
  /// Sides of planes of one, two and four channels at most: as long as a marked frame of tests, thin ones longer.
  private static let mostPixels = 160 * 160
  private static let longestSide = 4096

  /// The picture that `bytes` stand for: its kind, how samples are laid out, its sides, then the samples, again and again.
  static func frame(_ bytes: [UInt8]) -> any Frame {
    func byte(_ index: Int) -> Int { index < bytes.count ? Int(bytes[index]) : 0 }
    let width = 1 + (byte(2) | byte(3) << 8) % longestSide
    let height = 1 + (byte(4) | byte(5) << 8) % min(longestSide, max(1, mostPixels / width))
    let samples = bytes.count > 6 ? Array(bytes[6...]) : [0]
    let layout = byte(1)
    func value(_ x: Int, _ y: Int, _ channel: Int) -> UInt8 {
      let index =
        switch layout % 4 {
        case 0: x + y * width + channel
        case 1: x / 8 + y / 8 * 31 + channel  // Squares.
        case 2: x % 64 + channel  // Stripes that repeat as tiles do.
        default: x % 64 + y % 64 * 64 + channel
        }
      return samples[index % samples.count]
    }
    switch byte(0) % 6 {
    case 0: return PackedPicture(width, height, .gray, value)
    case 1: return PackedPicture(width, height, .rgb, value)
    case 2: return PackedPicture(width, height, .rgba, value)
    case 3: return PackedPicture(width, height, .rgb, value).planes
    case 4:
      let plane = SamplePlane(
        width: width, height: height, maxValue: 65535,
        samples: (0..<width * height).map {
          UInt16(value($0 % width, $0 / width, 0)) << 8 | UInt16(value($0 % width, $0 / width, 1))
        })
      return PlaneFrame(size: PixelSize(width: width, height: height), model: .gray, planes: [plane])
    default:
      // Coefficients of any size, which no encoder would write.
      let size = PixelSize(width: (width + 7) / 8 * 8, height: (height + 7) / 8 * 8)
      return BlockFrame(size: size, steps: (0..<64).map { 1 + Float(samples[$0 % samples.count]) }) { index in
        Int16(truncatingIfNeeded: Int(samples[index % samples.count]) << (layout % 9) - layout)
      }
    }
  }

  /// What is read of a picture as it is, and once it is marked; `marked` is nil where marking refuses it.
  struct Outcome {
    let unmarked: [Detection]
    let marked: [Detection]?
  }

  /// Searches `frame`, marks it with the first of `keys`, and searches it again.
  static func outcome(
    of frame: any Frame, _ keys: [WatermarkKey], _ payload: WatermarkPayload, isDeep: Bool = false
  ) throws(MediaError) -> Outcome {
    let codes = keys.map { TileCode.of($0) }
    func search() throws(MediaError) -> [Detection] {
      let detector = ImageWatermarkDetector(keys, WatermarkSearch(codes, isDeep: isDeep))
      try detector.observe(frame)
      return try detector.finish()
    }
    let unmarked = try search()
    do throws(MediaError) {
      _ = try ImageWatermarkEmbedder(codes[0], payload).embed(in: frame)
    } catch {
      guard error.code == .insufficientCapacity else { throw error }
      return Outcome(unmarked: unmarked, marked: nil)
    }
    return Outcome(unmarked: unmarked, marked: try search())
  }
}
