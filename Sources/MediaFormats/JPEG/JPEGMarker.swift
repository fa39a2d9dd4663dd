internal import MediaCore

/// A marker code (T.81, table B.1), the byte behind 0xFF.
struct JPEGMarker: RawRepresentable, Hashable, CustomStringConvertible {
  let rawValue: UInt8

  static let soi = JPEGMarker(rawValue: 0xD8)
  static let eoi = JPEGMarker(rawValue: 0xD9)
  static let dht = JPEGMarker(rawValue: 0xC4)
  static let sos = JPEGMarker(rawValue: 0xDA)
  static let dqt = JPEGMarker(rawValue: 0xDB)
  static let app0 = JPEGMarker(rawValue: 0xE0)
  static let app1 = JPEGMarker(rawValue: 0xE1)
  static let app2 = JPEGMarker(rawValue: 0xE2)
  static let app11 = JPEGMarker(rawValue: 0xEB)
  static let app13 = JPEGMarker(rawValue: 0xED)
  static let app14 = JPEGMarker(rawValue: 0xEE)
  static let com = JPEGMarker(rawValue: 0xFE)

  /// SOF0 … SOF15.
  var isFrame: Bool { (0xC0...0xCF).contains(rawValue) && ![0xC4, 0xC8, 0xCC].contains(rawValue) }
  /// APP0 … APP15.
  var isApplication: Bool { (0xE0...0xEF).contains(rawValue) }
  /// Whether it holds what is no part of the coded picture and is kept as it is.
  var isKept: Bool { isApplication || self == .com }
  /// TEM, RST0 … RST7, SOI and EOI have no length.
  var isAlone: Bool { rawValue == 0x01 || (0xD0...0xD9).contains(rawValue) }

  var description: String {
    switch rawValue {
    case 0xC4: "DHT"
    case 0xC0...0xCF where isFrame: "SOF\(rawValue - 0xC0)"
    case 0xD0...0xD7: "RST\(rawValue - 0xD0)"
    case 0xD8: "SOI"
    case 0xD9: "EOI"
    case 0xDA: "SOS"
    case 0xDB: "DQT"
    case 0xDD: "DRI"
    case 0xE0...0xEF: "APP\(rawValue - 0xE0)"
    case 0xFE: "COM"
    default: "0x" + String(rawValue, radix: 16, uppercase: true)
    }
  }
}

/// A marker segment at its place in the file.
struct JPEGSegment {
  /// Longest payload: the length field counts itself.
  static let longestPayload = 65533

  let marker: JPEGMarker
  /// Of the marker's 0xFF, or of the first of the fill bytes in front of it.
  let offset: Int
  /// Of the payload, behind the length field.
  let payload: Range<Int>

  var end: Int { payload.upperBound }

  /// Marker, length and `payload`. Throws `limitExceeded` for more than a segment holds.
  static func serialized(_ marker: JPEGMarker, _ payload: [UInt8]) throws(MediaError) -> [UInt8] {
    guard payload.count <= longestPayload else {
      throw MediaError(
        .limitExceeded, .metadata,
        "an \(marker) segment of \(payload.count) bytes; at most \(longestPayload) fit (T.81 B.1.1.4): shorten the XMP packet"
      )
    }
    let length = payload.count + 2
    return [0xFF, marker.rawValue, UInt8(length >> 8), UInt8(length & 0xFF)] + payload
  }
}

extension MediaError {
  static func jpeg(_ message: String) -> MediaError { MediaError(.malformed, .decode, message) }
}
