internal import MediaCore

/// Advanced Systems Format: WMV and WMA. Read only: a label is reported, none can be written.
struct ASFFormat: MediaFormat {
  static let targets: [RemuxTarget] = [.matroska]

  let descriptor = FormatDescriptor(
    id: FormatID(rawValue: "asf"), kind: .video, extensions: ["wmv", "wma", "asf"],
    mimeTypes: ["video/x-ms-asf", "video/x-ms-wmv", "audio/x-ms-wma"], capabilities: [.readMetadata],
    labelSite: "none: `--remux` gives MKV", remuxExtensions: Self.targets.fileExtensions)

  func score(_ head: [UInt8]) -> ProbeScore { head.starts(with: ASFIdentifier.header.bytes) ? 255 : 0 }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    try ASFFile(input, format: descriptor.id, limits: limits)
  }
}

/// An opened ASF file: its header, and an XMP object behind the data.
final class ASFFile: HeardFile, ReadOnlyFile {
  private let input: InputFile
  let info: MediaInfo
  let metadata: [MetadataItem]
  let heard: HeardSound

  init(_ input: InputFile, format: FormatID, limits: Limits) throws(MediaError) {
    self.input = input
    let reader = HeaderReader(input, windowBytes: 4096)
    var walk = Walk(reader: reader, limits: limits)
    let header = try ASFObject(at: 0, before: input.size, in: reader)
    guard header.id == .header, header.data.count >= 6 else {
      throw MediaError(.malformed, .decode, "no ASF header object at the start of the file")
    }
    try walk.children(header.data.dropFirst(6))
    try walk.rest(from: header.end)
    let isAudio = walk.tracks.allSatisfy { $0.kind == .audio } && !walk.tracks.isEmpty
    info = MediaInfo(
      format: format, kind: isAudio ? .audio : .video, duration: walk.duration, tracks: walk.tracks)
    metadata = walk.metadata.items
    heard = HeardSound(input, container: "asf", duration: info.duration)
  }

  var remuxer: Remuxer { Remuxer(input: input, container: "asf", targets: ASFFormat.targets) }
}

/// Walks the objects of a file.
private struct Walk {
  let reader: HeaderReader
  let limits: Limits
  private(set) var tracks: [MediaTrack] = []
  private(set) var duration: Double?
  private(set) var metadata: ASFMetadata
  private var budget: Int
  private var objectsLeft: Int

  init(reader: HeaderReader, limits: Limits) {
    self.reader = reader
    self.limits = limits
    metadata = ASFMetadata(limits: limits)
    budget = limits.indexBytes
    objectsLeft = limits.metadataItems
  }

  /// The objects of the header and of its extension.
  mutating func children(_ range: Range<Int>, isExtension: Bool = false) throws(MediaError) {
    var offset = range.lowerBound
    while offset + ASFObject.headerBytes <= range.upperBound {
      let object = try next(offset, before: range.upperBound)
      switch object.id {
      case .headerExtension where !isExtension && object.data.count >= 22:
        try children(object.data.dropFirst(22), isExtension: true)
      case .fileProperties: try readFile(object)
      case .streamProperties: try readStream(object)
      case .extendedStreamProperties: break
      default:
        let isText: Set<ASFIdentifier> = [
          .contentDescription, .extendedContentDescription, .metadata, .metadataLibrary,
        ]
        if isText.contains(object.id) {
          try metadata.read(object.id, ASFCursor(try load(object), base: object.data.lowerBound))
        }
      }
      offset = object.end
    }
  }

  /// The objects behind the header: data and indexes, which are stepped over, and XMP. A file that was cut off
  /// in its data has none of the others.
  mutating func rest(from start: Int) throws(MediaError) {
    var offset = start
    while offset + ASFObject.headerBytes <= reader.size, objectsLeft > 0 {
      guard let object = try? next(offset, before: reader.size) else { return }
      if object.id == .packet { metadata.readPacket(try load(object), offset: object.offset) }
      offset = object.end
    }
  }

  private mutating func next(_ offset: Int, before end: Int) throws(MediaError) -> ASFObject {
    objectsLeft -= 1
    guard objectsLeft >= 0 else { throw .tooMany("objects", limits.metadataItems) }
    return try ASFObject(at: offset, before: end, in: reader)
  }

  private mutating func load(_ object: ASFObject) throws(MediaError) -> [UInt8] {
    guard object.data.count <= budget else {
      throw MediaError(
        .limitExceeded, .metadata,
        "object at offset \(object.offset) of \(object.data.count) bytes exceeds the \(budget) allowed for indexes"
      )
    }
    budget -= object.data.count
    return try reader.bytes(object.data.count, at: object.data.lowerBound)
  }

  private mutating func readFile(_ object: ASFObject) throws(MediaError) {
    guard object.data.count >= 80 else { return }
    // Play duration in 100 ns, which counts the preroll in milliseconds in (ASF 3.2).
    let whole = Double(try reader.littleEndian(8, at: object.data.lowerBound + 40)) / 1e7
    let preroll = Double(try reader.littleEndian(8, at: object.data.lowerBound + 56)) / 1e3
    if whole > preroll { duration = whole - preroll }
  }

  private mutating func readStream(_ object: ASFObject) throws(MediaError) {
    let start = object.data.lowerBound
    guard object.data.count >= 54 else { return }
    let type = ASFIdentifier(try reader.bytes(16, at: start))
    var cursor = ASFCursor(
      try reader.bytes(min(object.data.count - 54, 64), at: start + 54), base: start + 54)
    switch type {
    case .audioStream:
      let tag = String(cursor.integer(2), radix: 16)
      let channels = cursor.integer(2)
      tracks.append(
        MediaTrack(
          kind: .audio, codec: "0x" + String(repeating: "0", count: max(0, 4 - tag.count)) + tag,
          sampleRate: cursor.integer(4), channels: channels))
    case .videoStream:
      let size = PixelSize(width: cursor.integer(4), height: cursor.integer(4))
      _ = cursor.data(19)
      let codec = String(decoding: cursor.data(4).filter { (0x20...0x7E).contains($0) }, as: UTF8.self)
      tracks.append(MediaTrack(kind: .video, codec: codec, size: size))
    default: tracks.append(MediaTrack(kind: .data, codec: "stream"))
    }
  }
}
