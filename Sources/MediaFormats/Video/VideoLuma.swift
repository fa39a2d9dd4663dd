internal import CMediaIO
internal import MediaCore

extension VideoFrame: LumaFrame {
  var hasLuma: Bool { Int(decoder.picture.model) != TM_VIDEO_GBR }

  func readLuma(_ body: (LumaSamples) -> Void) throws(MediaError) {
    if let luma { body(luma) }
  }

  func editLuma(_ body: (LumaSamples) -> Void) throws(MediaError) {
    guard hasLuma else { return }
    try beginEdit()
    if let luma { body(luma) }
  }

  private var luma: LumaSamples? {
    let picture = decoder.picture
    guard hasLuma, let base = picture.planes.0 else { return nil }
    return LumaSamples(
      width: size.width, height: size.height, maxValue: VideoLevels(picture, plane: 0).maxValue,
      base: UnsafeMutableRawPointer(base), stride: picture.strides.0,
      contrast: VideoLevels.contrast(picture))
  }
}
