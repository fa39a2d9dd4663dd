internal import MediaCore

/// The marker segments up to the first scan; nothing behind it is read.
struct JPEGStructure {
  /// SOI's segments in file order, the first SOS last.
  private(set) var segments: [JPEGSegment] = []
  let header: JPEGHeader

  /// Walks the segments of `input`. Throws `malformed` with marker and offset, `limitExceeded`.
  init(_ input: InputFile, limits: Limits) throws(MediaError) {
    guard try input.read(2) == [0xFF, 0xD8] else { throw .jpeg("file does not begin with SOI (T.81 B.2.1)") }
    var walk = JPEGSegmentWalk(input, from: 2)
    var header: JPEGHeader?
    repeat {
      let segment = try walk.next()
      guard segments.count < limits.metadataItems else {
        throw MediaError(
          .limitExceeded, .decode, "more than \(limits.metadataItems) marker segments in one file")
      }
      segments.append(segment)
      if segment.marker.isFrame {
        guard header == nil else {
          throw .jpeg("second frame header at offset \(segment.offset) (T.81 B.2.2)")
        }
        header = try JPEGHeader(
          segment, try input.read(segment.payload.count, at: segment.payload.lowerBound))
      }
    } while segments.last?.marker != .sos
    guard let header else { throw .jpeg("a scan begins before any frame header (T.81 B.2.2)") }
    self.header = header
  }
}

/// Reads one marker segment after the other.
struct JPEGSegmentWalk {
  private let input: InputFile
  private var offset: Int
  private var window: [UInt8] = []
  private var windowStart = 0
  private static let windowBytes = 4096

  init(_ input: InputFile, from offset: Int) {
    self.input = input
    self.offset = offset
  }

  mutating func next() throws(MediaError) -> JPEGSegment {
    guard try byte(offset) == 0xFF else {
      throw .jpeg(
        "byte 0x\(String(try byte(offset), radix: 16)) at offset \(offset) where a marker was expected (T.81 B.1.1.2)"
      )
    }
    var start = offset
    // Any number of fill bytes may stand in front of a marker (T.81 B.1.1.2).
    while try byte(start + 1) == 0xFF { start += 1 }
    let marker = JPEGMarker(rawValue: try byte(start + 1))
    guard !marker.isAlone, marker.rawValue >= 0xC0 else {
      throw .jpeg(
        "\(marker) at offset \(start) where a marker segment was expected before the first scan (T.81 B.2.1)")
    }
    let length = Int(try byte(start + 2)) << 8 | Int(try byte(start + 3))
    guard length >= 2 else {
      throw .jpeg("\(marker) at offset \(start) has length \(length), below 2 (T.81 B.1.1.4)")
    }
    let end = start + 2 + length
    guard end <= input.size else {
      throw .jpeg(
        "\(marker) at offset \(start) has length \(length) but the file ends at \(input.size); it is truncated"
      )
    }
    defer { offset = end }
    return JPEGSegment(marker: marker, offset: offset, payload: start + 4..<end)
  }

  private mutating func byte(_ position: Int) throws(MediaError) -> UInt8 {
    if position < windowStart || position >= windowStart + window.count {
      windowStart = position
      // No farther than what was read to tell the format, at first.
      window = try input.read(
        position < Self.windowBytes ? Self.windowBytes - position : Self.windowBytes, at: position)
      guard !window.isEmpty else {
        throw .jpeg("file ends at offset \(position) before the first scan; it is truncated (T.81 B.2.1)")
      }
    }
    return window[position - windowStart]
  }
}
