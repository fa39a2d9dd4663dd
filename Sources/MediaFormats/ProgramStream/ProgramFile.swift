internal import MediaCore

/// MPEG program streams: MPG, and VOB of DVDs. Read only: nothing specified carries a label.
struct ProgramFormat: MediaFormat {
  static let targets: [RemuxTarget] = [.film, .matroska]

  let descriptor = FormatDescriptor(
    id: FormatID(rawValue: "mpg"), kind: .video, extensions: ["mpg", "mpeg", "vob"],
    mimeTypes: ["video/mpeg"],
    capabilities: [.readMetadata], labelSite: "none: `--remux` gives MP4 or MKV",
    remuxExtensions: Self.targets.fileExtensions)

  func score(_ head: [UInt8]) -> ProbeScore { ProgramPack(head, at: 0) == nil ? 0 : 250 }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    try ProgramFile(input, format: descriptor.id)
  }
}

/// An opened program stream: the streams in its first packets, and its clock at both ends.
final class ProgramFile: HeardFile, ReadOnlyFile {
  private let input: InputFile
  let info: MediaInfo
  /// None: what user data of pictures says is no metadata of the file.
  let metadata: [MetadataItem] = []
  let heard: HeardSound

  /// Bytes that are looked at from the start and up to the end.
  private static let window = 1 << 20

  init(_ input: InputFile, format: FormatID) throws(MediaError) {
    self.input = input
    var streams = ProgramStreams()
    var clocks: [UInt64] = []
    let head = try input.read(min(Self.window, input.size))
    ProgramStream.walk(head) {
      clocks.append($0.clock)
    } packet: {
      streams.read($0, $1, of: head)
    }
    let start = max(0, input.size - Self.window)
    if start > 0 {
      let tail = try input.read(input.size - start, at: start)
      ProgramStream.walk(tail) {
        clocks.append($0.clock)
      } packet: { _, _ in
      }
    }
    guard let first = clocks.first, let last = clocks.last else {
      throw MediaError(.malformed, .decode, "no whole pack stands at the start of the file")
    }
    let tracks = streams.tracks
    let isAudio = !tracks.contains { $0.kind == .video } && tracks.contains { $0.kind == .audio }
    // The clock has 33 bits and runs on from zero.
    let ticks = (last &- first) & (1 << 33 - 1)
    info = MediaInfo(
      format: format, kind: isAudio ? .audio : .video, duration: ticks > 0 ? Double(ticks) / 90000 : nil,
      tracks: tracks)
    heard = HeardSound(input, container: "mpeg", duration: info.duration)
  }

  var remuxer: Remuxer { Remuxer(input: input, container: "mpeg", targets: ProgramFormat.targets) }
}
