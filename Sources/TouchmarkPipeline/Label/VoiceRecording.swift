public import MediaCore
internal import MediaFormats

/// A person's recording of the explicit label of sound (GB 45438-2025 5.3 b, e).
public enum VoiceRecording {
  /// Seconds that a recording may have.
  static let longest = 30.0
  /// What a report says of it.
  static let note =
    "the voice label is a recording: its words (an AI and a generation element) and its speed (120 to 160 characters a minute) are not checked"

  /// Reads a recording. Throws `unsupported` for a file that is not decoded, `limitExceeded` for one too long.
  public static func read(_ path: FilePath) throws(MediaError) -> AudioBlock {
    let input = try InputFile(path)
    let format = try Labeller.probe(input, BuiltinFormats.table)
    let file = try format.open(input, limits: Limits(), scratch: Scratch())
    guard let sound = file as? any AudioMediaFile, let info = sound.audio else {
      throw MediaError(
        .unsupported, .label, "the voice '\(path)' is \(file.info.format); give a recording in WAV or FLAC")
    }
    let most = Int(longest * Double(info.sampleRate))
    guard let count = info.count, count > 0, count <= most else {
      throw MediaError(
        .limitExceeded, .label, "the voice '\(path)' does not have 0 to \(Int(longest)) seconds of sound")
    }
    var channels = [[Float]](repeating: [], count: info.channels)
    try sound.visitAudio(in: [0..<count]) { (block) throws(MediaError) in
      guard block.channels.count == channels.count else { return }
      for index in channels.indices { channels[index] += block.channels[index] }
    }
    return AudioBlock(sampleRate: info.sampleRate, start: 0, channels: channels)
  }
}
