internal import MediaCore

/// A GUID as stored (ASF 1.20.05, 2.2): the first three fields least significant byte first.
struct ASFIdentifier: Hashable {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// A GUID as printed, in the notation `75B22630-668E-11CF-A6D9-00AA0062CE6C`.
  private init(_ text: StaticString) {
    let digits = text.description.filter { $0 != "-" }.compactMap(\.hexDigitValue)
    let printed = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    bytes = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map { printed[$0] }
  }

  static let header = ASFIdentifier("75B22630-668E-11CF-A6D9-00AA0062CE6C")
  static let fileProperties = ASFIdentifier("8CABDCA1-A947-11CF-8EE4-00C00C205365")
  static let streamProperties = ASFIdentifier("B7DC0791-A9B7-11CF-8EE6-00C00C205365")
  static let headerExtension = ASFIdentifier("5FBF03B5-A92E-11CF-8EE3-00C00C205365")
  static let extendedStreamProperties = ASFIdentifier("14E6A5CB-C672-4332-8399-A96952065B5A")
  static let contentDescription = ASFIdentifier("75B22633-668E-11CF-A6D9-00AA0062CE6C")
  static let extendedContentDescription = ASFIdentifier("D2D0A440-E307-11D2-97F0-00A0C95EA850")
  static let metadata = ASFIdentifier("C5F8CBEA-5BAF-4877-8467-AA8C44FA4CCA")
  static let metadataLibrary = ASFIdentifier("44231C94-9498-49D1-A141-1D134E457054")
  static let audioStream = ASFIdentifier("F8699E40-5B4D-11CF-A8FD-00805F5C442B")
  static let videoStream = ASFIdentifier("BC19EFC0-5B4D-11CF-A8FD-00805F5C442B")
  /// XMP (ISO 16684-3).
  static let packet = ASFIdentifier("BE7ACFCB-97A9-42E8-9C71-999491E3AFAC")
}

/// An object at its place in a file.
struct ASFObject {
  /// Bytes of identifier and size.
  static let headerBytes = 24

  let id: ASFIdentifier
  let offset: Int
  let end: Int
  /// What it holds.
  var data: Range<Int> { offset + Self.headerBytes..<end }

  /// The object at `offset` of what ends at `limit`; throws `malformed` when it does not fit.
  init(at offset: Int, before limit: Int, in reader: HeaderReader) throws(MediaError) {
    id = ASFIdentifier(try reader.bytes(16, at: offset))
    let size = try reader.littleEndian(8, at: offset + 16)
    guard size >= Self.headerBytes, let length = Int(exactly: size), length <= limit - offset else {
      throw MediaError(
        .malformed, .decode, "object at offset \(offset) of \(size) bytes, where \(limit - offset) are left")
    }
    self.offset = offset
    end = offset + length
  }
}

/// The data of an object in memory; reading past its end gives zeros and sets `isExhausted`.
struct ASFCursor {
  private let bytes: [UInt8]
  /// Where the next byte stands in the file.
  var offset: Int { base + position }
  /// Whether more was read than there is.
  private(set) var isExhausted = false
  private let base: Int
  private var position = 0

  init(_ bytes: [UInt8], base: Int) {
    self.bytes = bytes
    self.base = base
  }

  mutating func integer(_ count: Int) -> Int {
    Int(truncatingIfNeeded: data(count).reversed().reduce(0) { $0 << 8 | UInt64($1) })
  }

  mutating func data(_ count: Int) -> ArraySlice<UInt8> {
    guard count >= 0, count <= bytes.count - position else {
      isExhausted = true
      return []
    }
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// UTF-16 text of `count` bytes without its ending zero.
  mutating func text(_ count: Int) -> String { ExifText.utf16(data(count), isBigEndian: false) }
}
