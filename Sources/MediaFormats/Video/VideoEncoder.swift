internal import CMediaIO
internal import MediaCore

/// An encoder for pictures like a decoder's. Owned by one worker.
final class VideoEncoder {
  private var handle: OpaquePointer?
  private var message = [CChar](repeating: 0, count: Int(TM_VIDEO_MESSAGE))
  /// The packet last received.
  private(set) var packet = tm_video_packet()

  /// Sets up an encoder for pictures like the decoder's current one. Throws `unsupported` where this build of
  /// libavcodec cannot write what the source is.
  init(
    _ codec: VideoCodec, options: [String], hasGlobalHeader: Bool, reorder: Int, timescale: Int, rate: Double,
    like decoder: VideoDecoder
  ) throws(MediaError) {
    let isRGB = Int(decoder.picture.model) == TM_VIDEO_GBR
    let status = codec.encoder(isRGB: isRGB).withCString { name in
      options.joined(separator: ";").withCString { options in
        var encoding = tm_video_encoding(
          encoder: name, options: options, reorder: Int32(reorder),
          has_global_header: hasGlobalHeader ? 1 : 0,
          timescale: Int32(clamping: timescale),
          is_counted: codec.hasFixedRate ? 1 : 0, rate: rate)
        return tm_video_encoder_open(&handle, &encoding, decoder.handle, &message)
      }
    }
    guard status >= 0 else { throw .video(.unsupported, .encode, message, status) }
  }

  deinit { tm_video_encoder_close(handle) }

  /// What a picture may be predicted from.
  enum Prediction {
    /// What the encoder chooses.
    case free
    /// Nothing: decoding can begin with it.
    case key
    /// Earlier pictures alone.
    case forward

    fileprivate var kind: tm_video_kind {
      switch self {
      case .free: TM_VIDEO_FREE
      case .key: TM_VIDEO_KEY
      case .forward: TM_VIDEO_FORWARD
      }
    }
  }

  /// Hands in the decoder's current picture.
  func send(_ decoder: VideoDecoder, pts: Int64, as prediction: Prediction) throws(MediaError) {
    let status = tm_video_encoder_send(handle, decoder.handle, pts, prediction.kind, &message)
    guard status >= 0 else { throw .video(.internalFault, .encode, message, status) }
  }

  /// Says that nothing follows.
  func finish() throws(MediaError) {
    let status = tm_video_encoder_send(handle, nil, 0, TM_VIDEO_FREE, &message)
    guard status >= 0 else { throw .video(.internalFault, .encode, message, status) }
  }

  /// Whether there is another packet; it is in `packet` then.
  func next() throws(MediaError) -> Bool {
    let status = tm_video_encoder_receive(handle, &packet, &message)
    guard status >= 0 else { throw .video(.internalFault, .encode, message, status) }
    return status > 0
  }

  /// The codec's set-up record; empty for a codec that has none.
  var config: [UInt8] {
    var bytes: UnsafePointer<UInt8>?
    var size = 0
    tm_video_encoder_config(handle, &bytes, &size)
    return Array(UnsafeBufferPointer(start: bytes, count: size))
  }

  /// `ftyp` and `moov` of an MP4 that describes the stream.
  func header() throws(MediaError) -> [UInt8] {
    var bytes: UnsafeMutablePointer<UInt8>?
    var size = 0
    let status = tm_video_encoder_header(handle, &bytes, &size, &message)
    defer { tm_video_free(bytes) }
    guard status >= 0 else { throw .video(.internalFault, .encode, message, status) }
    return Array(UnsafeBufferPointer(start: bytes, count: size))
  }
}
