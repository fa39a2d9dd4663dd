internal import CMediaIO
internal import MediaCore

/// The current picture of a decoder, read and edited in its own planes: no conversion of colour or depth.
final class VideoFrame: Frame {
  let size: PixelSize
  let orientation: Orientation
  let time: Double
  /// Whether samples were written.
  private(set) var isEdited = false
  /// Whether it is to be predicted from earlier pictures alone.
  private(set) var isForward = false
  let decoder: VideoDecoder

  /// Throws `unsupported` for a size or depth that no container declares.
  init(_ decoder: VideoDecoder, orientation: Orientation, time: Double) {
    self.decoder = decoder
    self.orientation = orientation
    self.time = time
    size = PixelSize(width: Int(decoder.picture.width), height: Int(decoder.picture.height))
  }

  func readRegion(_ rect: PixelRect) throws(MediaError) -> Region {
    let picture = decoder.picture
    let rect = rounded(rect)
    let isGray = Int(picture.model) == TM_VIDEO_GRAY
    let planes = (isGray ? 0..<1 : 0..<3).map { plane(picture, $0, under: rect) }
    let alpha = picture.has_alpha == 0 ? nil : plane(picture, isGray ? 1 : 3, under: rect)
    let model: ColorModel =
      isGray ? .gray : Int(picture.model) == TM_VIDEO_GBR ? .rgb : .ycbcr
    return Region(rect: rect, model: model, planes: planes, alpha: alpha)
  }

  func writeRegion(_ region: Region) throws(MediaError) -> PixelRect {
    try beginEdit()
    let picture = decoder.picture
    let isGray = Int(picture.model) == TM_VIDEO_GRAY
    for (index, plane) in region.planes.enumerated() {
      store(plane, picture, index, under: region.rect)
    }
    if let alpha = region.alpha { store(alpha, picture, isGray ? 1 : 3, under: region.rect) }
    return region.rect
  }

  func predictForward() { isForward = true }

  /// Makes the decoder's planes safe to write to.
  func beginEdit() throws(MediaError) {
    if !isEdited { try decoder.edit() }
    isEdited = true
  }

  /// Out to whole chroma samples, and to lines of both fields.
  private func rounded(_ rect: PixelRect) -> PixelRect {
    let (stepX, stepY) = (1 << Int(decoder.picture.chroma_shift_x), 1 << Int(decoder.picture.chroma_shift_y))
    let x = rect.x / stepX * stepX
    let y = rect.y / stepY * stepY
    let maxX = min(size.width, (rect.maxX + stepX - 1) / stepX * stepX)
    let maxY = min(size.height, (rect.maxY + stepY - 1) / stepY * stepY)
    return PixelRect(x: x, y: y, width: maxX - x, height: maxY - y)
  }

  private func plane(_ picture: tm_video_picture, _ index: Int, under rect: PixelRect) -> SamplePlane {
    let place = Place(picture, index, rect)
    var samples = [UInt16](repeating: 0, count: place.width * place.height)
    place.forEachRow(picture, index) { row, source in
      let start = row * place.width
      if picture.depth > 8 {
        let source = source.assumingMemoryBound(to: UInt16.self)
        for x in 0..<place.width { samples[start + x] = source[x] }
      } else {
        let source = source.assumingMemoryBound(to: UInt8.self)
        for x in 0..<place.width { samples[start + x] = UInt16(source[x]) }
      }
    }
    let levels = VideoLevels(picture, plane: index)
    return SamplePlane(
      width: place.width, height: place.height, horizontalSubsampling: place.stepX,
      verticalSubsampling: place.stepY,
      maxValue: levels.maxValue, black: levels.black, white: levels.white, samples: samples)
  }

  private func store(_ plane: SamplePlane, _ picture: tm_video_picture, _ index: Int, under rect: PixelRect) {
    let place = Place(picture, index, rect)
    place.forEachRow(picture, index) { row, target in
      let start = row * place.width
      if picture.depth > 8 {
        let target = target.assumingMemoryBound(to: UInt16.self)
        for x in 0..<place.width { target[x] = plane.samples[start + x] }
      } else {
        let target = target.assumingMemoryBound(to: UInt8.self)
        for x in 0..<place.width { target[x] = UInt8(truncatingIfNeeded: plane.samples[start + x]) }
      }
    }
  }

  /// The samples of one plane under a rectangle.
  private struct Place {
    let stepX: Int
    let stepY: Int
    let x: Int
    let y: Int
    let width: Int
    let height: Int

    init(_ picture: tm_video_picture, _ index: Int, _ rect: PixelRect) {
      let isChroma = Int(picture.model) == TM_VIDEO_YUV && (index == 1 || index == 2)
      stepX = isChroma ? 1 << Int(picture.chroma_shift_x) : 1
      stepY = isChroma ? 1 << Int(picture.chroma_shift_y) : 1
      x = rect.x / stepX
      y = rect.y / stepY
      width = (rect.maxX + stepX - 1) / stepX - x
      height = (rect.maxY + stepY - 1) / stepY - y
    }

    func forEachRow(_ picture: tm_video_picture, _ index: Int, _ body: (Int, UnsafeMutableRawPointer) -> Void)
    {
      let (base, stride) = withUnsafePointer(to: picture) { pointer in
        let planes = UnsafeRawPointer(pointer).advanced(
          by: MemoryLayout<tm_video_picture>.offset(of: \.planes) ?? 0
        )
        .assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)
        let strides = UnsafeRawPointer(pointer).advanced(
          by: MemoryLayout<tm_video_picture>.offset(of: \.strides) ?? 0
        )
        .assumingMemoryBound(to: Int.self)
        return (planes[index], strides[index])
      }
      guard let base else { return }
      let bytes = picture.depth > 8 ? 2 : 1
      for row in 0..<height {
        body(row, UnsafeMutableRawPointer(base) + ((y + row) * stride + x * bytes))
      }
    }
  }
}

/// What sample values mean: black, white and the largest, by depth, range and transfer.
struct VideoLevels {
  let maxValue: UInt16
  let black: UInt16
  let white: UInt16

  /// Where a caption's white stands in HDR, of the signal's whole range: 203 cd/m² (ITU-R BT.2408) in PQ and HLG.
  private static let graphicsWhite = (pq: 0.58, hlg: 0.75)

  /// As in `LumaSamples`: the slope of the logarithm of light over the signal in its middle (SMPTE ST 2084, ARIB STD-B67 with a
  /// system gamma of 1.2) over that of a display gamma of 2.4.
  static func contrast(_ picture: tm_video_picture) -> Float {
    switch Int(picture.transfer) {
    case TM_VIDEO_PQ: 2
    case TM_VIDEO_HLG: 1.4
    default: 1
    }
  }

  init(_ picture: tm_video_picture, plane: Int) {
    let shift = max(0, Int(picture.depth) - 8)
    maxValue = UInt16(truncatingIfNeeded: (1 << Int(picture.depth)) - 1)
    let isAlpha = plane == 3 || (Int(picture.model) == TM_VIDEO_GRAY && plane == 1)
    let isChroma = Int(picture.model) == TM_VIDEO_YUV && (plane == 1 || plane == 2)
    let isFull = picture.is_full_range != 0 || isAlpha
    // ITU-R BT.601, BT.709: 16 … 235 for luma and RGB, 16 … 240 for colour differences.
    black = isFull ? 0 : UInt16(16 << shift)
    let top = isFull ? Int(maxValue) : (isChroma ? 240 : 235) << shift
    let share =
      isAlpha || isChroma
      ? 1
      : Int(picture.transfer) == TM_VIDEO_PQ
        ? Self.graphicsWhite.pq : Int(picture.transfer) == TM_VIDEO_HLG ? Self.graphicsWhite.hlg : 1
    white = UInt16(Double(black) + Double(top - Int(black)) * share + 0.5)
  }
}
