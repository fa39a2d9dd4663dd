internal import MediaCore

/// What the Info and Tracks of a segment say.
struct MatroskaHeader {
  /// Seconds; nil where live streams leave it out.
  private(set) var duration: Double?
  private(set) var tracks: [MediaTrack] = []
  private(set) var items: [MetadataItem] = []
  private let limits: Limits

  init(limits: Limits) { self.limits = limits }

  /// Adds what a child of the segment says.
  mutating func read(_ buffer: EBMLBuffer) throws(MediaError) {
    switch buffer.root.id {
    case .info: try readInfo(buffer)
    case .tracks: try readTracks(buffer)
    default: break
    }
  }

  private mutating func readInfo(_ buffer: EBMLBuffer) throws(MediaError) {
    let names: [EBMLID: String] = [.title: "Title", .muxingApp: "MuxingApp", .writingApp: "WritingApp"]
    var scale: UInt64 = 1_000_000
    var length: Double?
    var cursor = buffer.children(of: buffer.root)
    while let child = try cursor.next() {
      if child.id == .timestampScale { scale = buffer.unsigned(child) ?? scale }
      if child.id == .duration { length = buffer.float(child) }
      if let name = names[child.id] { try add(child, name, "Info/\(name)", buffer) }
    }
    if let length, length.isFinite, length > 0 { duration = length * Double(scale) / 1e9 }
  }

  private mutating func readTracks(_ buffer: EBMLBuffer) throws(MediaError) {
    var cursor = buffer.children(of: buffer.root)
    while let entry = try cursor.next() {
      guard entry.id == .trackEntry else { continue }
      guard tracks.count < limits.metadataItems else { throw .tooMany("tracks", limits.metadataItems) }
      var kind = MediaTrack.Kind.data
      var codec = ""
      var shape = Shape()
      var fields = buffer.children(of: entry)
      while let field = try fields.next() {
        switch field.id {
        case .trackType: kind = Self.kind(buffer.unsigned(field) ?? 0)
        case .codecID: codec = buffer.shortText(field)
        case .video, .audio: try shape.read(field, in: buffer)
        case .trackName: try add(field, "Name", "Tracks/TrackEntry/Name", buffer)
        default: break
        }
      }
      tracks.append(
        MediaTrack(
          kind: kind, codec: codec, size: kind == .video ? shape.size : PixelSize(width: 0, height: 0),
          sampleRate: kind == .audio ? shape.rate : 0, channels: kind == .audio ? shape.channels : 0))
    }
  }

  private mutating func add(
    _ element: EBMLElement, _ name: String, _ path: String, _ buffer: EBMLBuffer
  ) throws(MediaError) {
    guard items.count < limits.metadataItems else { throw .tooMany("texts", limits.metadataItems) }
    let isRead = element.data.count <= limits.metadataValueBytes
    items.append(
      MetadataItem(
        carrier: .element, namespace: "", name: name, value: isRead ? buffer.text(element) : "",
        form: isRead ? .text : .presence, offset: UInt64(buffer.base + element.offset), path: path))
  }

  private static func kind(_ type: UInt64) -> MediaTrack.Kind {
    switch type {
    case 1: .video
    case 2: .audio
    case 17: .subtitle
    default: .data
    }
  }

  /// The settings of a video or audio track.
  private struct Shape {
    var size = PixelSize(width: 0, height: 0)
    var rate = 8000
    var channels = 1

    mutating func read(_ settings: EBMLElement, in buffer: EBMLBuffer) throws(MediaError) {
      var (width, height) = (size.width, size.height)
      var fields = buffer.children(of: settings)
      while let field = try fields.next() {
        let value = Int(truncatingIfNeeded: min(buffer.unsigned(field) ?? 0, 1 << 31))
        switch field.id {
        case .pixelWidth: width = value
        case .pixelHeight: height = value
        case .samplingFrequency: rate = Int(exactly: (buffer.float(field) ?? 0).rounded()) ?? 0
        case .channels: channels = value
        default: break
        }
      }
      size = PixelSize(width: width, height: height)
    }
  }
}
