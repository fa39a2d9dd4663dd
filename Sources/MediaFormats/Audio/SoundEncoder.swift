internal import CMediaIO
internal import MediaCore

/// An encoder of sound, of libavcodec. Owned by one worker.
final class SoundEncoder {
  /// Samples of each channel in a packet.
  var frameSize: Int { Int(coder.frame_size) }
  /// Samples of each channel that a decoder puts out before the first one handed in.
  var delay: Int { Int(coder.delay) }
  /// The set-up record of the stream; may be empty.
  var config: [UInt8] { Array(UnsafeBufferPointer(start: coder.config, count: coder.config_size)) }
  /// Samples of each channel, of those handed in, that are decoded with the packet last made and those before it.
  private(set) var end = 0
  /// Samples of each channel handed in.
  private(set) var count = 0

  private var handle: OpaquePointer?
  private var coder = tm_audio_coder()
  private var message = [CChar](repeating: 0, count: Int(TM_VIDEO_MESSAGE))
  /// What does not fill a packet yet.
  private var held: [[Float]]

  /// An encoder for sound of the rate and channels of what `decoder` decodes. Throws `unsupported` where this build of
  /// libavcodec has none.
  init(_ name: String, options: [String], like decoder: OpaquePointer?, channels: Int) throws(MediaError) {
    held = [[Float]](repeating: [], count: channels)
    let status = name.withCString { name in
      options.joined(separator: ";").withCString { options in
        var encoding = tm_audio_encoding(encoder: name, options: options)
        return tm_audio_encoder_open(&handle, &encoding, decoder, &coder, &message)
      }
    }
    guard status >= 0 else { throw .video(.unsupported, .encode, message, status) }
    guard coder.frame_size > 0 else {
      throw MediaError(.internalFault, .encode, "\(name) has packets of no fixed length")
    }
  }

  deinit { tm_audio_encoder_close(handle) }

  /// Hands in samples, one array a channel; `sink` gets the packets that they fill.
  func send(
    _ channels: [[Float]], _ sink: (UnsafeRawBufferPointer) throws(MediaError) -> Void
  ) throws(MediaError) {
    guard channels.count == held.count else {
      throw MediaError(
        .unsupported, .decode, "the sound goes from \(held.count) to \(channels.count) channels")
    }
    for index in held.indices { held[index] += channels[index] }
    let available = held.first?.count ?? 0
    var start = 0
    while available - start >= frameSize {
      try code(start..<start + frameSize, sink)
      start += frameSize
    }
    for index in held.indices { held[index].removeFirst(start) }
  }

  /// Codes what is left; nothing can be sent any more.
  func finish(_ sink: (UnsafeRawBufferPointer) throws(MediaError) -> Void) throws(MediaError) {
    let left = held.first?.count ?? 0
    if left > 0 { try code(0..<left, sink) }
    let status = tm_audio_encoder_send(handle, nil, 0, &message)
    guard status >= 0 else { throw .video(.internalFault, .encode, message, status) }
    try drain(sink)
  }

  private func code(
    _ range: Range<Int>, _ sink: (UnsafeRawBufferPointer) throws(MediaError) -> Void
  ) throws(MediaError) {
    let samples = held.flatMap { $0[range] }
    let status = tm_audio_encoder_send(handle, samples, Int32(range.count), &message)
    guard status >= 0 else { throw .video(.internalFault, .encode, message, status) }
    count += range.count
    try drain(sink)
  }

  private func drain(_ sink: (UnsafeRawBufferPointer) throws(MediaError) -> Void) throws(MediaError) {
    var data: UnsafePointer<UInt8>?
    var size = 0
    var end: Int64 = 0
    while true {
      let status = tm_audio_encoder_receive(handle, &data, &size, &end, &message)
      guard status >= 0 else { throw .video(.internalFault, .encode, message, status) }
      guard status > 0 else { return }
      self.end = Int(end)
      try sink(UnsafeRawBufferPointer(start: data, count: size))
    }
  }
}
