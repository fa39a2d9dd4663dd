internal import MediaCore

/// The elementary streams of a program stream, as its map and the first packet of each tell them.
struct ProgramStreams {
  /// By stream id; of private stream 1, with the number in front of its data.
  private var found: [Int: MediaTrack] = [:]
  /// Types by stream id, as the program stream map says (ISO/IEC 13818-1, 2.5.4).
  private var types: [Int: Int] = [:]

  private static let map: UInt8 = 0xBC
  private static let privateStream: UInt8 = 0xBD

  /// Pictures, then sound, then the others.
  var tracks: [MediaTrack] {
    let all = found.sorted { $0.key < $1.key }.map { id, track in
      guard let type = types[id] else { return track }
      let told = TransportTrack.track(ofType: type)
      return MediaTrack(kind: told.kind, codec: told.codec, size: track.size)
    }
    return [.video, .audio].flatMap { kind in all.filter { $0.kind == kind } }
      + all.filter { $0.kind != .video && $0.kind != .audio }
  }

  /// Looks at a packet of stream `id`.
  mutating func read(_ id: UInt8, _ content: Range<Int>, of bytes: [UInt8]) {
    switch id {
    case Self.map: readMap(bytes[content])
    case 0xC0...0xDF: found[Int(id)] = MediaTrack(kind: .audio, codec: "MPEG audio")
    case 0xE0...0xEF where found[Int(id)] == nil:
      found[Int(id)] = Self.picture(bytes[Self.payload(content, of: bytes)])
    case Self.privateStream:
      guard let number = bytes[Self.payload(content, of: bytes)].first else { return }
      found[Int(id) << 8 | Int(number)] = Self.privateTrack(number)
    default: break
    }
  }

  private mutating func readMap(_ map: ArraySlice<UInt8>) {
    func length(_ offset: Int) -> Int? {
      guard offset + 2 <= map.endIndex else { return nil }
      return Int(map[offset]) << 8 | Int(map[offset + 1])
    }
    guard let information = length(map.startIndex + 2) else { return }
    var offset = map.startIndex + 4 + information
    guard let entries = length(offset) else { return }
    offset += 2
    let end = min(offset + entries, map.endIndex)
    while offset + 4 <= end, let description = length(offset + 2) {
      types[Int(map[offset + 1])] = Int(map[offset])
      offset += 4 + description
    }
  }

  /// What of a packet is its stream's (2.4.3.6; of MPEG-1, ISO/IEC 11172-1, 2.4.3.3).
  private static func payload(_ content: Range<Int>, of bytes: [UInt8]) -> Range<Int> {
    var head = bytes[content]
    guard let first = head.first else { return content }
    if first >> 6 == 2 {
      let length = head.count > 2 ? 3 + Int(head[head.startIndex + 2]) : head.count
      return min(content.lowerBound + length, content.upperBound)..<content.upperBound
    }
    // Stuffing, the size of a buffer, and one or two times.
    head = head.drop { $0 == 0xFF }
    if head.first.map({ $0 >> 6 }) == 1 { head = head.dropFirst(2) }
    switch head.first.map({ $0 >> 4 }) {
    case 2: head = head.dropFirst(5)
    case 3: head = head.dropFirst(10)
    default: head = head.dropFirst()
    }
    return head.startIndex..<content.upperBound
  }

  /// Coding and size by a sequence header (13818-2, 6.2.2.1), which an extension follows in MPEG-2.
  private static func picture(_ data: ArraySlice<UInt8>) -> MediaTrack {
    let bytes = Array(data.prefix(160))
    guard ProgramStream.code(bytes, at: 0) == 0xB3, bytes.count >= 12 else {
      return MediaTrack(kind: .video, codec: bytes.starts(with: [0, 0, 0, 1]) ? "H.264" : "MPEG video")
    }
    let size = PixelSize(
      width: Int(bytes[4]) << 4 | Int(bytes[5] >> 4), height: Int(bytes[5] & 15) << 8 | Int(bytes[6]))
    let isSecond = bytes.indices.contains { ProgramStream.code(bytes, at: $0) == 0xB5 }
    return MediaTrack(kind: .video, codec: isSecond ? "MPEG-2" : "MPEG-1", size: size)
  }

  /// What DVDs number so.
  private static func privateTrack(_ number: UInt8) -> MediaTrack {
    switch number {
    case 0x80...0x87: MediaTrack(kind: .audio, codec: "AC-3")
    case 0x88...0x8F: MediaTrack(kind: .audio, codec: "DTS")
    case 0xA0...0xA7: MediaTrack(kind: .audio, codec: "LPCM")
    case 0x20...0x3F: MediaTrack(kind: .data, codec: "subpictures")
    default: MediaTrack(kind: .data, codec: "private data")
    }
  }
}
