internal import CMediaIO
internal import MediaCore

/// A decoder of one coded track. Owned by one worker.
final class VideoDecoder {
  private(set) var handle: OpaquePointer?
  private let video: CodedVideo
  /// The picture last received; its planes are the decoder's.
  private(set) var picture = tm_video_picture()
  /// When the picture is shown, in ticks.
  var pts: Int64 { picture.pts }
  private var message = [CChar](repeating: 0, count: Int(TM_VIDEO_MESSAGE))

  /// Sets up a decoder; with `isStrict` damage is an error instead of being concealed. Throws `unsupported`.
  init(_ video: CodedVideo, isStrict: Bool) throws(MediaError) {
    self.video = video
    let status = video.codec.decoder(withAlpha: video.hasAlpha).withCString { name in
      video.config.withUnsafeBufferPointer { config in
        var stream = tm_video_stream(
          codec: name, config: config.baseAddress, config_size: config.count, width: Int32(video.size.width),
          height: Int32(video.size.height), timescale: Int32(clamping: video.timescale),
          is_strict: isStrict ? 1 : 0)
        return tm_video_decoder_open(&handle, &stream, &message)
      }
    }
    // A failing initialiser still runs deinit once all properties are set, which they are.
    guard status >= 0 else { throw .video(.unsupported, .decode, message, status) }
  }

  deinit { tm_video_decoder_close(handle) }

  /// Hands in one coded picture. Take all pictures with `next` before the next call.
  func send(_ picture: CodedPicture, pts: Int64) throws(MediaError) {
    let status = video.whole(picture.bytes).withUnsafeBufferPointer { bytes in
      (picture.alpha ?? []).withUnsafeBufferPointer { alpha in
        var coded = tm_video_coded(
          data: bytes.baseAddress, size: bytes.count, alpha: alpha.isEmpty ? nil : alpha.baseAddress,
          alpha_size: alpha.count, is_key: picture.isKey ? 1 : 0)
        return tm_video_decoder_send(handle, &coded, pts, &message)
      }
    }
    guard status >= 0 else { throw .video(.malformed, .decode, message, status) }
  }

  /// Says that nothing follows.
  func finish() throws(MediaError) {
    let status = tm_video_decoder_send(handle, nil, 0, &message)
    guard status >= 0 else { throw .video(.malformed, .decode, message, status) }
  }

  /// Whether there is another picture; it is in `picture` then.
  func next() throws(MediaError) -> Bool {
    let status = tm_video_decoder_receive(handle, &picture, &message)
    guard status >= 0 else { throw .video(.malformed, .decode, message, status) }
    return status > 0
  }

  /// Makes the planes of `picture` safe to write to.
  func edit() throws(MediaError) {
    let status = tm_video_decoder_edit(handle, &picture, &message)
    guard status >= 0 else { throw .video(.internalFault, .decode, message, status) }
  }
}

extension MediaError {
  /// AVERROR_PATCHWELCOME: the file may be whole, but libav cannot do it.
  private static let notImplemented: Int32 = -0x4557_4150

  /// An error of libav's, which says in `message` what it was doing.
  static func video(_ code: Code, _ stage: Stage, _ message: [CChar], _ status: Int32) -> MediaError {
    let text = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return MediaError(status == notImplemented ? .unsupported : code, stage, text, nativeStatus: status)
  }
}
