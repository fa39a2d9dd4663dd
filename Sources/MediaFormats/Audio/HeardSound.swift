internal import MediaCore

/// The sound of a file that is listened to but not edited: libav decodes it when it is first asked for.
final class HeardSound {
  private let input: InputFile
  private let container: String
  private let duration: Double?
  private var opened: Result<SoundDecoder, MediaError>?

  /// `container` is libavformat's name for it.
  init(_ input: InputFile, container: String, duration: Double?) {
    self.input = input
    self.container = container
    self.duration = duration
  }

  /// A decoder at the start of the sound; what it decodes tells the rate, which headers of AAC do not.
  private func decoder() -> Result<SoundDecoder, MediaError> {
    if let opened { return opened }
    let result: Result<SoundDecoder, MediaError>
    do throws(MediaError) {
      result = .success(try SoundDecoder(input, container: container))
    } catch { result = .failure(error) }
    opened = result
    return result
  }

  /// Nil where libav is not installed or cannot decode the sound.
  var info: AudioInfo? {
    guard case .success(let decoder) = decoder() else { return nil }
    let (rate, channels) = (decoder.sampleRate, decoder.channels)
    guard rate > 0, channels > 0 else { return nil }
    return AudioInfo(
      sampleRate: rate, channels: channels,
      count: duration.flatMap { Int(exactly: ($0 * Double(rate)).rounded()) })
  }

  /// Why there is no `info`; nil where there is.
  var failure: MediaError? {
    if case .failure(let error) = decoder() { return error }
    return info == nil ? MediaError(.malformed, .decode, "the sound has no rate, or no channels") : nil
  }

  func visit(
    _ ranges: [Range<Int>], _ visitor: (AudioBlock) throws(MediaError) -> Void
  ) throws(MediaError) {
    let decoder = try decoder().get()
    // Another visit begins anew.
    opened = nil
    try decoder.visit(ranges, visitor)
  }
}

/// A file whose sound is only listened to.
protocol HeardFile: AudioMediaFile {
  var heard: HeardSound { get }
}

extension HeardFile {
  var audio: AudioInfo? { heard.info }
  func objection(toEditing part: MediaPart) -> MediaError? {
    part == .sound
      ? .soundNotCoded(info.format)
      : MediaError(.unsupported, .encode, "the pictures of \(info.format) files are not coded anew")
  }

  func visitAudio(
    in ranges: [Range<Int>], _ visitor: (AudioBlock) throws(MediaError) -> Void
  ) throws(MediaError) {
    try heard.visit(ranges, visitor)
  }
}

extension MediaError {
  /// What a file throws whose sound is only listened to.
  static func soundNotCoded(_ format: FormatID) -> MediaError {
    MediaError(
      .unsupported, .encode, "the sound of \(format) files is not coded anew; label it as WAV or FLAC first")
  }
}
