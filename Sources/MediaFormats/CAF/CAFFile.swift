internal import MediaCore

/// Core Audio Format (Apple, CAF 1.0). Read only: a label is reported, none can be written.
struct CAFFormat: MediaFormat {
  static let targets: [RemuxTarget] = [.wave, .sound, .matroska]

  let descriptor = FormatDescriptor(
    id: FormatID(rawValue: "caf"), kind: .audio, extensions: ["caf"], mimeTypes: ["audio/x-caf"],
    capabilities: [.readMetadata], labelSite: "none: `--remux` gives WAV, M4A or MKA",
    remuxExtensions: Self.targets.fileExtensions)

  func score(_ head: [UInt8]) -> ProbeScore {
    guard head.starts(with: Array("caff".utf8)) else { return 0 }
    return head.dropFirst(4).starts(with: [0, 1, 0, 0]) ? 255 : 150
  }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    try CAFFile(input, format: descriptor.id, limits: limits)
  }
}

/// An opened CAF file.
final class CAFFile: ReadOnlyFile {
  private let input: InputFile
  let info: MediaInfo
  let metadata: [MetadataItem]

  init(_ input: InputFile, format: FormatID, limits: Limits) throws(MediaError) {
    self.input = input
    var walk = Walk(reader: HeaderReader(input, windowBytes: 4096), limits: limits)
    try walk.chunks()
    guard let track = walk.track else {
      throw MediaError(.malformed, .decode, "no 'desc' chunk in a CAF file of \(input.size) bytes")
    }
    info = MediaInfo(
      format: format, kind: .audio, duration: walk.duration, tracks: [track],
      bitDepth: walk.bitDepth == 0 ? 16 : walk.bitDepth)
    metadata = walk.items
  }

  var remuxer: Remuxer { Remuxer(input: input, container: "caf", targets: CAFFormat.targets) }
}

/// Walks the chunks of a file.
private struct Walk {
  let reader: HeaderReader
  let limits: Limits
  private(set) var items: [MetadataItem] = []
  private(set) var track: MediaTrack?
  private(set) var bitDepth = 0
  /// The identifier of XMP (ISO 16684-3).
  private static let packet: [UInt8] = [
    0xBE, 0x7A, 0xCF, 0xCB, 0x97, 0xA9, 0x42, 0xE8, 0x9C, 0x71, 0x99, 0x94, 0x91, 0xE3, 0xAF, 0xAC,
  ]

  private var rate = 0.0
  private var packetBytes: UInt64 = 0
  private var packetFrames: UInt64 = 0
  private var dataBytes = 0
  private var frames: UInt64 = 0

  init(reader: HeaderReader, limits: Limits) {
    self.reader = reader
    self.limits = limits
  }

  /// Seconds; nil where packets vary and no table counts their frames.
  var duration: Double? {
    guard rate.isFinite, rate > 0 else { return nil }
    if frames > 0 { return Double(frames) / rate }
    guard packetBytes > 0, packetFrames > 0 else { return nil }
    return Double(dataBytes) / Double(packetBytes) * Double(packetFrames) / rate
  }

  mutating func chunks() throws(MediaError) {
    var offset = 8
    var left = limits.metadataItems
    while offset + 12 <= reader.size {
      left -= 1
      guard left >= 0 else { throw .tooMany("chunks", limits.metadataItems) }
      let type = String(decoding: try reader.bytes(4, at: offset), as: UTF8.self)
      let size = Int64(bitPattern: try reader.bigEndian(8, at: offset + 4))
      let start = offset + 12
      // Only audio data may have an unknown size, and then it is the last chunk.
      let isOpen = size == -1 && type == "data"
      let end =
        isOpen ? reader.size : Int(exactly: size).map { start.addingReportingOverflow($0).partialValue } ?? -1
      guard end >= start, end <= reader.size || type == "data" else {
        throw MediaError(
          .malformed, .decode,
          "chunk '\(type)' at offset \(offset) of \(size) bytes in a file of \(reader.size)")
      }
      try read(type, start..<min(end, reader.size))
      offset = end
    }
  }

  private mutating func read(_ type: String, _ data: Range<Int>) throws(MediaError) {
    switch type {
    case "desc" where data.count >= 32: try readDescription(data.lowerBound)
    case "pakt" where data.count >= 24: frames = try reader.bigEndian(8, at: data.lowerBound + 8)
    // Four bytes count edits.
    case "data": dataBytes = max(0, data.count - 4)
    case "info": try readStrings(data)
    case "uuid" where data.count >= 16: try readPacket(data)
    default: break
    }
  }

  private mutating func readDescription(_ offset: Int) throws(MediaError) {
    rate = Double(bitPattern: try reader.bigEndian(8, at: offset))
    let codec = try reader.bytes(4, at: offset + 8)
    packetBytes = try reader.bigEndian(4, at: offset + 16)
    packetFrames = try reader.bigEndian(4, at: offset + 20)
    bitDepth = Int(try reader.bigEndian(4, at: offset + 28) & 0xFF)
    track = MediaTrack(
      kind: .audio, codec: String(decoding: codec, as: UTF8.self),
      sampleRate: Int(exactly: rate.rounded()) ?? 0,
      channels: Int(try reader.bigEndian(4, at: offset + 24)))
  }

  private func load(_ data: Range<Int>) throws(MediaError) -> [UInt8] {
    guard data.count <= min(limits.indexBytes, 16 * limits.metadataValueBytes) else {
      throw MediaError(
        .limitExceeded, .metadata,
        "chunk at offset \(data.lowerBound) of \(data.count) bytes is too long to be read")
    }
    return try reader.bytes(data.count, at: data.lowerBound)
  }

  /// Names and values in turn, each ended by a zero.
  private mutating func readStrings(_ data: Range<Int>) throws(MediaError) {
    let bytes = try load(data)
    var words = bytes.dropFirst(4)
    while !words.isEmpty {
      let offset = data.lowerBound + words.startIndex
      guard let end = words.firstIndex(of: 0) else { break }
      let name = String(decoding: words[..<end], as: UTF8.self)
      words = words[(end + 1)...]
      let value = words.prefix { $0 != 0 }
      words = words.dropFirst(value.count + 1)
      guard items.count < limits.metadataItems else { throw .tooMany("metadata items", limits.metadataItems) }
      let isRead = value.count <= limits.metadataValueBytes
      items.append(
        MetadataItem(
          carrier: .informationString, namespace: "info", name: name,
          value: isRead ? String(decoding: value, as: UTF8.self) : "", form: isRead ? .text : .presence,
          offset: UInt64(offset), path: "info \(name)", isRegularPlace: name.lowercased() != "aigc"))
    }
  }

  /// XMP in a `uuid` chunk, its identifier in either order of bytes.
  private mutating func readPacket(_ data: Range<Int>) throws(MediaError) {
    let id = try reader.bytes(16, at: data.lowerBound)
    let swapped = [3, 2, 1, 0, 5, 4, 7, 6].map { id[$0] } + id[8...]
    guard id == Self.packet || swapped == Self.packet else { return }
    let offset = UInt64(data.lowerBound - 12)
    do throws(MediaError) {
      items += try XMPPacket.items(
        in: try load(data.dropFirst(16)), offset: offset, path: "uuid XMP", limits: limits)
    } catch {
      items.append(
        MetadataItem(
          carrier: .xmp, namespace: "", name: "", value: error.message, form: .raw, offset: offset,
          path: "uuid XMP"))
    }
    guard items.count <= limits.metadataItems else { throw .tooMany("metadata items", limits.metadataItems) }
  }
}

extension MetadataCarrier {
  /// A string of a CAF `info` chunk.
  static let informationString = MetadataCarrier(rawValue: "info")
}
