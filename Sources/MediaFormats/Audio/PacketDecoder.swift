internal import CMediaIO
internal import MediaCore

/// A decoder of packets that stand in no container libav has opened. Owned by one worker.
final class PacketDecoder {
  private(set) var handle: OpaquePointer?
  private var format = tm_audio_format()
  private var message = [CChar](repeating: 0, count: Int(TM_VIDEO_MESSAGE))

  /// Of the packet last decoded.
  var sampleRate: Int { Int(format.sample_rate) }
  /// Of the packet last decoded.
  var channels: Int { Int(format.channels) }

  /// `config` is the codec's set-up record. Throws `unsupported`.
  init(_ codec: String, config: [UInt8]) throws(MediaError) {
    let status = codec.withCString {
      tm_audio_open_coded(&handle, $0, config, config.count, &message)
    }
    guard status >= 0 else { throw .video(.unsupported, .decode, message, status) }
  }

  deinit { tm_audio_close(handle) }

  /// The sound of one packet, one array a channel; none for a packet without any, as some encoders put in front of a
  /// stream to say who they are. Throws `malformed` for a damaged one.
  func decode(_ packet: [UInt8]) throws(MediaError) -> [[Float]] {
    var sound = tm_audio_sound()
    let status = tm_audio_decode(handle, packet, packet.count, &sound, &format, &message)
    guard status >= 0 else { throw .video(.malformed, .decode, message, status) }
    guard status > 0 else { return [] }
    let count = Int(sound.count)
    return (0..<Int(sound.channels)).map { channel in
      Array(UnsafeBufferPointer(start: sound.samples.map { $0 + channel * count }, count: count))
    }
  }
}
