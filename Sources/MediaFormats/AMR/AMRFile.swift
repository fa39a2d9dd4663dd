internal import MediaCore

/// AMR speech in its storage format (RFC 4867, 5), narrow and wide band. It has no place for metadata.
struct AMRFormat: MediaFormat {
  static let targets: [RemuxTarget] = [.speech]

  let descriptor = FormatDescriptor(
    id: FormatID(rawValue: "amr"), kind: .audio, extensions: ["amr", "awb"],
    mimeTypes: ["audio/AMR", "audio/AMR-WB"],
    capabilities: [.readMetadata], labelSite: "none: `--remux` gives MP4 (3GP)",
    remuxExtensions: Self.targets.fileExtensions)

  func score(_ head: [UInt8]) -> ProbeScore { AMRHeader(head) == nil ? 0 : 255 }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    try AMRFile(input, format: descriptor.id)
  }
}

/// The magic number of a file and what it means.
struct AMRHeader {
  let isWideBand: Bool
  let channels: Int
  /// Where the first frame stands.
  let length: Int

  init?(_ head: [UInt8]) {
    let magics: [(String, Bool, Bool)] = [
      ("#!AMR\n", false, false), ("#!AMR-WB\n", true, false), ("#!AMR_MC1.0\n", false, true),
      ("#!AMR-WB_MC1.0\n", true, true),
    ]
    for (magic, isWideBand, isMultichannel) in magics where head.starts(with: Array(magic.utf8)) {
      self.isWideBand = isWideBand
      length = magic.utf8.count + (isMultichannel ? 4 : 0)
      let last = isMultichannel && head.count >= length ? Int(head[length - 1] & 15) : 1
      channels = max(1, last)
      return
    }
    return nil
  }
}

/// An opened AMR file.
final class AMRFile: ReadOnlyFile {
  private let input: InputFile
  let info: MediaInfo
  let metadata: [MetadataItem] = []

  /// Most bytes whose frames are counted; beyond, the file is taken to go on as it began.
  private static let counted = 1 << 20
  // Bytes behind the head of a frame by its type; negative types are reserved.
  private static let narrow = [12, 13, 15, 17, 19, 20, 26, 31, 5, 6, 5, 5, -1, -1, -1, 0]
  private static let wide = [17, 23, 32, 36, 40, 46, 50, 58, 60, 5, -1, -1, -1, -1, 0, 0]

  init(_ input: InputFile, format: FormatID) throws(MediaError) {
    self.input = input
    guard let header = AMRHeader(try input.read(min(64, input.size))) else {
      throw MediaError(.malformed, .decode, "no '#!AMR' at the start of the file")
    }
    let frames = try Self.frames(of: input, header)
    info = MediaInfo(
      format: format, kind: .audio, duration: frames.map { $0 / Double(header.channels) / 50 },
      tracks: [
        MediaTrack(
          kind: .audio, codec: header.isWideBand ? "AMR-WB" : "AMR",
          sampleRate: header.isWideBand ? 16000 : 8000,
          channels: header.channels)
      ])
  }

  var remuxer: Remuxer { Remuxer(input: input, container: "amr", targets: AMRFormat.targets) }

  /// Frames of 20 ms; nil where the types make no sense.
  private static func frames(of input: InputFile, _ header: AMRHeader) throws(MediaError) -> Double? {
    let bytes = try input.read(min(counted, max(0, input.size - header.length)), at: header.length)
    let sizes = header.isWideBand ? wide : narrow
    var (position, count) = (0, 0)
    while position < bytes.count {
      let size = sizes[Int(bytes[position] >> 3 & 15)]
      guard size >= 0 else { return nil }
      position += 1 + size
      count += 1
    }
    guard input.size - header.length > bytes.count, position > 0 else { return Double(count) }
    return Double(count) * Double(input.size - header.length) / Double(position)
  }
}
