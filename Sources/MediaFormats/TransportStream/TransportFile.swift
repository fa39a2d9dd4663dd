internal import MediaCore

/// MPEG-2 transport streams. Read only: nothing specified carries a label.
struct TransportFormat: MediaFormat {
  static let targets: [RemuxTarget] = [.sound, .film, .matroska]

  let descriptor = FormatDescriptor(
    id: FormatID(rawValue: "ts"), kind: .video, extensions: ["ts", "m2ts", "mts"], mimeTypes: ["video/mp2t"],
    capabilities: [.readMetadata], labelSite: "none: `--remux` gives MP4 or MKV",
    remuxExtensions: Self.targets.fileExtensions)

  func score(_ head: [UInt8]) -> ProbeScore {
    guard let (_, packets) = TransportFraming.find(in: head) else { return 0 }
    return packets >= 16 ? 250 : packets >= 8 ? 200 : 100
  }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    try TransportFile(input, format: descriptor.id, limits: limits)
  }
}

/// An opened transport stream: its tables, and its clock at both ends.
final class TransportFile: HeardFile, ReadOnlyFile {
  private let input: InputFile
  let info: MediaInfo
  let metadata: [MetadataItem]
  let heard: HeardSound

  /// Bytes that are looked at from the start and up to the end; tables come several times a second.
  private static let window = 1 << 20

  init(_ input: InputFile, format: FormatID, limits: Limits) throws(MediaError) {
    self.input = input
    let head = try input.read(min(Self.window, input.size))
    guard let (framing, _) = TransportFraming.find(in: Array(head.prefix(4096))) else {
      throw MediaError(.malformed, .decode, "no row of sync bytes 0x47 at the start of the file")
    }
    var tables = TransportTables(limits: limits)
    var clocks: [Int: (first: UInt64, last: UInt64)] = [:]
    for place in stride(from: framing.start, to: head.count, by: framing.stride) {
      guard let packet = TransportPacket(head, at: place) else { continue }
      try tables.read(packet, of: head, offset: place)
      if let clock = packet.clock { clocks[packet.pid, default: (clock, clock)].last = clock }
    }
    let start = max(0, input.size - Self.window)
    let row = start - framing.start
    let tail = start == 0 ? [] : try input.read(input.size - start, at: start)
    let first = row % framing.stride == 0 ? 0 : framing.stride - row % framing.stride
    for place in stride(from: first, to: tail.count, by: framing.stride) {
      guard let packet = TransportPacket(tail, at: place), let clock = packet.clock else { continue }
      clocks[packet.pid]?.last = clock
    }
    let tracks = tables.streams.map { TransportTrack.track(ofType: $0.type) }
    let isAudio = !tracks.contains { $0.kind == .video } && tracks.contains { $0.kind == .audio }
    // The clock has 33 bits and runs on from zero.
    let longest = clocks.values.map { ($0.last &- $0.first) & (1 << 33 - 1) }.max()
    info = MediaInfo(
      format: format, kind: isAudio ? .audio : .video, duration: longest.map { Double($0) / 90000 },
      tracks: tracks)
    metadata = tables.items
    heard = HeardSound(input, container: "mpegts", duration: info.duration)
  }

  var remuxer: Remuxer { Remuxer(input: input, container: "mpegts", targets: TransportFormat.targets) }
}

/// What the types of elementary streams mean (ISO/IEC 13818-1, table 2-34, and registered ones).
enum TransportTrack {
  private static let types: [Int: (MediaTrack.Kind, String)] = [
    0x01: (.video, "MPEG-1"), 0x02: (.video, "MPEG-2"), 0x03: (.audio, "MPEG-1 audio"),
    0x04: (.audio, "MPEG-2 audio"),
    0x0F: (.audio, "AAC ADTS"), 0x10: (.video, "MPEG-4"), 0x11: (.audio, "AAC LATM"), 0x15: (.data, "ID3"),
    0x1B: (.video, "H.264"), 0x24: (.video, "H.265"), 0x33: (.video, "H.266"), 0x42: (.video, "AVS"),
    0x81: (.audio, "AC-3"), 0x87: (.audio, "E-AC-3"), 0xD2: (.video, "AVS2"), 0xD4: (.video, "AVS3"),
  ]

  /// A track of a stream type; the tables say nothing of sizes and rates.
  static func track(ofType type: Int) -> MediaTrack {
    let (kind, codec) = types[type] ?? (.data, "type 0x" + String(type, radix: 16))
    return MediaTrack(kind: kind, codec: codec)
  }
}
