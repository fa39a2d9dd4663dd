internal import CMediaIO
internal import MediaCore

/// The sound of a file, decoded by libav. Owned by one worker.
final class SoundDecoder {
  /// Seconds by which a target is approached when seeking: coders of frames need some to swing in.
  private static let approach = 1.0
  /// Seconds that are rather decoded than jumped over.
  private static let patience = 20.0

  var sampleRate: Int { Int(format.sample_rate) }
  var channels: Int { Int(format.channels) }

  private(set) var handle: OpaquePointer?
  private var format = tm_audio_format()
  private var message = [CChar](repeating: 0, count: Int(TM_VIDEO_MESSAGE))
  private let source: DemuxedInput

  /// `container` is libavformat's name for it. Throws `unsupported` for what cannot be decoded.
  init(_ input: InputFile, container: String) throws(MediaError) {
    source = DemuxedInput(input)
    let status = source.withSource(container) { tm_audio_open(&handle, $0, &format, &message) }
    guard status >= 0 else { throw .video(.unsupported, .decode, message, status) }
  }

  deinit { tm_audio_close(handle) }

  /// Hands the samples of `ranges` to `visitor`, sorted and further apart than a coded frame is long; once.
  func visit(
    _ ranges: [Range<Int>], _ visitor: (AudioBlock) throws(MediaError) -> Void
  ) throws(MediaError) {
    let rate = Double(format.sample_rate)
    var position = 0
    for range in ranges {
      var isExact = true
      if Double(range.lowerBound - position) > Self.patience * rate {
        let target = range.lowerBound - Int(Self.approach * rate)
        // Where one cannot jump, all is decoded.
        isExact = tm_audio_seek(handle, Int64(target), &message) < 0
      }
      var sound = tm_audio_sound()
      while position < range.upperBound {
        let status = tm_audio_next(handle, &sound, &message)
        guard status >= 0 else { throw .video(.malformed, .decode, message, status) }
        guard status > 0 else { return }
        if !isExact { position = Int(max(0, sound.position)) }
        isExact = true
        try hand(sound, from: position, range, visitor)
        position += Int(sound.count)
      }
    }
  }

  private func hand(
    _ sound: tm_audio_sound, from position: Int, _ range: Range<Int>,
    _ visitor: (AudioBlock) throws(MediaError) -> Void
  ) throws(MediaError) {
    let count = Int(sound.count)
    let part = range.clamped(to: position..<position + count)
    guard !part.isEmpty else { return }
    let channels = (0..<Int(sound.channels)).map { channel in
      Array(
        UnsafeBufferPointer(
          start: sound.samples.map { $0 + channel * count + part.lowerBound - position }, count: part.count))
    }
    try visitor(AudioBlock(sampleRate: Int(format.sample_rate), start: part.lowerBound, channels: channels))
  }
}
