internal import MediaCore

extension WAVEFile: AudioMediaFile {
  /// Sample times that are decoded together.
  private static let blockLength = 1 << 16

  private var coding: PCMCoding? { PCMCoding(structure.format) }

  private var samplesOffset: Int { structure.chunks.first { $0.id == "data" }?.data.lowerBound ?? 0 }

  var audio: AudioInfo? {
    let format = structure.format
    guard let coding, (1...768_000).contains(format.sampleRate), structure.dataLength > 0 else { return nil }
    return AudioInfo(
      sampleRate: format.sampleRate, channels: coding.channels,
      count: structure.dataLength / coding.blockBytes, speakers: format.speakers)
  }

  func visitAudio(
    in ranges: [Range<Int>], _ visitor: (AudioBlock) throws(MediaError) -> Void
  ) throws(MediaError) {
    let (audio, coding) = try requireSound()
    for range in ranges {
      var start = range.lowerBound
      let end = min(range.upperBound, audio.count ?? 0)
      while start < end {
        let part = start..<min(end, start + Self.blockLength)
        let channels = coding.decode(try bytes(of: part, coding))
        try visitor(AudioBlock(sampleRate: audio.sampleRate, start: start, channels: channels))
        start = part.upperBound
      }
    }
  }

  /// Puts edited samples where the old ones stand.
  func apply(_ edit: AudioEdit, to edits: inout ByteEdits, beside output: OutputFile) throws(MediaError) {
    let (audio, coding) = try requireSound()
    var waiting = WaitingEdits(
      bytes: edit.ranges.reduce(0) { $0 + $1.count } * coding.blockBytes, beside: output)
    for range in edit.ranges {
      let stored = try bytes(of: range, coding)
      let channels = coding.decode(stored)
      var block = AudioBlock(sampleRate: audio.sampleRate, start: range.lowerBound, channels: channels)
      try edit.visitor(&block)
      let offset = samplesOffset + range.lowerBound * coding.blockBytes
      try waiting.replace(
        offset..<offset + stored.count, with: coding.encode(block.channels, was: channels, over: stored))
    }
    try waiting.apply(to: &edits)
  }

  private func bytes(of range: Range<Int>, _ coding: PCMCoding) throws(MediaError) -> [UInt8] {
    let count = range.count * coding.blockBytes
    let bytes = try reader.input.read(count, at: samplesOffset + range.lowerBound * coding.blockBytes)
    guard bytes.count == count else {
      throw MediaError(.malformed, .decode, "the file ends within sample times \(range)")
    }
    return bytes
  }

  func objection(toEditing part: MediaPart) -> MediaError? {
    guard part == .sound else { return MediaError(.unsupported, .encode, "WAV files have no pictures") }
    do throws(MediaError) { _ = try requireSound() } catch { return error }
    return nil
  }

  private func requireSound() throws(MediaError) -> (AudioInfo, PCMCoding) {
    guard let audio, let coding else {
      let format = structure.format
      guard coding == nil || structure.dataLength > 0 else {
        throw MediaError(.malformed, .decode, "the data chunk holds no samples")
      }
      let what =
        format.isPlain
        ? "\(format.codec) of \(format.bits) bits, \(format.channels) channels in \(format.blockBytes) bytes, \(format.sampleRate) Hz,"
        : "sound coded as \(format.codec)"
      throw MediaError(.unsupported, .decode, "\(what) in WAV is not decoded; convert it to PCM of 16 bits")
    }
    return (audio, coding)
  }
}
