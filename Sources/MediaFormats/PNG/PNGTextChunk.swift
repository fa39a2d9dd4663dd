internal import CImageIO
internal import MediaCore

/// A `tEXt`, `zTXt` or `iTXt` chunk taken apart (PNG 11.3.3).
struct PNGTextChunk: Sendable {
  /// The keyword that marks an XMP packet (XMP specification part 3, 1.1.5).
  static let packetKeyword = "XML:com.adobe.xmp"

  let type: PNGChunkType
  let keyword: String
  /// Whether the text is stored as a zlib stream.
  var isCompressed: Bool
  /// Language tag and translated keyword of `iTXt` with their terminators, as stored.
  private(set) var localization: [UInt8] = [0, 0]
  /// The text, inflated, in the chunk's own character set.
  var text: [UInt8]
  /// False when the text is longer than the limit or its zlib stream is damaged: `text` is then its beginning.
  private(set) var isWhole = true

  /// Takes `data` apart; at most `limit` bytes of text are kept. Nil when there is no keyword of 1 … 79 bytes.
  init?(_ type: PNGChunkType, _ data: [UInt8], isCut: Bool, limit: Int) {
    guard let keywordEnd = data.prefix(80).firstIndex(of: 0), keywordEnd > 0 else { return nil }
    self.type = type
    keyword = Self.latin1(data[..<keywordEnd])
    var start = keywordEnd + 1
    isCompressed = type == .compressedText
    if type == .compressedText {
      guard data.count > start, data[start] == 0 else { return nil }
      start += 1
    } else if type == .internationalText {
      guard data.count >= start + 2, let end = Self.localizationEnd(data, from: start + 2) else { return nil }
      isCompressed = data[start] != 0
      if isCompressed, data[start + 1] != 0 { return nil }
      localization = Array(data[(start + 2)..<end])
      start = end
    }
    if isCompressed {
      (text, isWhole) = Self.inflate(data[start...], limit: limit)
    } else {
      text = Array(data[start...].prefix(limit))
      isWhole = !isCut && data.count - start <= limit
    }
  }

  /// An uncompressed `iTXt` that holds an XMP packet.
  init(packet: [UInt8]) {
    type = .internationalText
    keyword = Self.packetKeyword
    isCompressed = false
    text = packet
  }

  /// The chunk's data field.
  func serialized() throws(MediaError) -> [UInt8] {
    let body = isCompressed ? try Self.deflate(text) : text
    let key = keyword.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } + [0]
    return switch type {
    case .internationalText: key + [isCompressed ? 1 : 0, 0] + localization + body
    case .compressedText: key + [0] + body
    default: key + body
    }
  }

  /// The text as characters. `tEXt` and `zTXt` are Latin-1 by PNG 11.3.3.2, but well-formed UTF-8 that is not
  /// ASCII is far likelier to be what its writer meant than the Latin-1 it would spell.
  var string: String {
    if type != .internationalText, String(validating: text, as: UTF8.self) == nil {
      // A cut may have split a character; only then is the beginning of UTF-8 not well-formed.
      if isWhole { return Self.latin1(text[...]) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func localizationEnd(_ data: [UInt8], from start: Int) -> Int? {
    guard let language = data[start...].firstIndex(of: 0) else { return nil }
    return data[(language + 1)...].firstIndex(of: 0).map { $0 + 1 }
  }

  static func latin1(_ bytes: ArraySlice<UInt8>) -> String {
    var scalars = String.UnicodeScalarView()
    for byte in bytes { scalars.append(Unicode.Scalar(byte)) }
    return String(scalars)
  }

  private static func inflate(_ stream: ArraySlice<UInt8>, limit: Int) -> ([UInt8], Bool) {
    var isWhole = false
    // Grows with the stream instead of reserving the limit for every small text.
    var room = min(limit, max(4096, stream.count * 8))
    while true {
      let text = [UInt8](unsafeUninitializedCapacity: room + 1) { buffer, count in
        let result = stream.withUnsafeBufferPointer {
          tm_inflate($0.baseAddress, $0.count, buffer.baseAddress, room + 1, nil, 0, 0)
        }
        isWhole = result.status == 1 && result.output <= limit
        count = min(room, result.output)
        if result.output <= room { room = limit }
      }
      if isWhole || room == limit { return (text, isWhole) }
      room = min(limit, room * 8)
    }
  }

  private static func deflate(_ text: [UInt8]) throws(MediaError) -> [UInt8] {
    let room = tm_deflate_bound(text.count)
    let stream = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      count = text.withUnsafeBufferPointer {
        tm_deflate_whole($0.baseAddress, $0.count, buffer.baseAddress, room)
      }
    }
    guard !stream.isEmpty else { throw MediaError(.internalFault, .metadata, "zlib refused a text chunk") }
    return stream
  }
}
