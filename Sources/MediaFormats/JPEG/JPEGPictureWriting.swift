internal import CImageIO
internal import MediaCore

extension JPEGFormat: PictureWriting {
  private static let quality: Int32 = 90

  /// Quality 90 of libjpeg's scale, 4:2:0, standard Huffman tables.
  func write(_ picture: RGBPicture, to output: OutputFile) throws(MediaError) {
    var size = 0
    let stream = picture.samples.withUnsafeBufferPointer {
      tm_jpeg_encode_rgb(
        $0.baseAddress, Int32(clamping: picture.size.width), Int32(clamping: picture.size.height),
        Self.quality,
        &size)
    }
    guard let stream else {
      throw MediaError(.limitExceeded, .encode, "libjpeg does not encode a picture of \(picture.size)")
    }
    defer { tm_jpeg_release(stream) }
    try output.write(UnsafeRawBufferPointer(start: stream, count: size))
  }
}
