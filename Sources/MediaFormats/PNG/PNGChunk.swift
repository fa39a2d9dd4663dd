internal import CImageIO
internal import MediaCore

/// A chunk type (PNG 5.4): four letters whose cases say what may be done with the chunk.
struct PNGChunkType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The four letters, the first in the highest byte.
  let rawValue: UInt32

  init(rawValue: UInt32) { self.rawValue = rawValue }
  init(_ name: String) { rawValue = name.utf8.reduce(0) { $0 << 8 | UInt32($1) } }

  static let ihdr = PNGChunkType("IHDR")
  static let plte = PNGChunkType("PLTE")
  static let idat = PNGChunkType("IDAT")
  static let iend = PNGChunkType("IEND")
  static let trns = PNGChunkType("tRNS")
  static let bkgd = PNGChunkType("bKGD")
  static let sbit = PNGChunkType("sBIT")
  static let hist = PNGChunkType("hIST")
  static let text = PNGChunkType("tEXt")
  static let compressedText = PNGChunkType("zTXt")
  static let internationalText = PNGChunkType("iTXt")
  static let exif = PNGChunkType("eXIf")
  static let contentCredentials = PNGChunkType("caBX")
  static let animationControl = PNGChunkType("acTL")
  static let frameControl = PNGChunkType("fcTL")
  static let frameData = PNGChunkType("fdAT")
  static let appleCrushed = PNGChunkType("CgBI")

  var bytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: rawValue >> (24 - 8 * $0)) } }
  var description: String { String(decoding: bytes, as: UTF8.self) }
  /// Whether all four bytes are letters; anything else means that the framing is lost.
  var isWellFormed: Bool {
    bytes.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0 & 0xDF) && $0 >= 65 }
  }
  var isCritical: Bool { rawValue & 0x2000_0000 == 0 }
  /// Whether an editor that does not know the chunk may keep it after a change of the picture (PNG 14.2).
  var isSafeToCopy: Bool { rawValue & 0x20 != 0 }
}

/// A chunk at its place in the file; all IDAT chunks of a file count as one.
struct PNGChunk: Sendable {
  let type: PNGChunkType
  /// Offset of the length field.
  let offset: Int
  /// Offset behind the CRC.
  let end: Int
  /// Bytes of data, of all chunks of the run for IDAT.
  let length: Int

  var dataOffset: Int { offset + 8 }
}

extension PNGChunk {
  /// The chunk as stored: length, type, `data`, CRC (PNG 5.3).
  static func serialized(_ type: PNGChunkType, _ data: [UInt8]) -> [UInt8] {
    var bytes = UInt32(truncatingIfNeeded: data.count).bigEndianBytes
    bytes.reserveCapacity(data.count + 12)
    bytes += type.bytes
    bytes += data
    bytes += crc(of: bytes[4...]).bigEndianBytes
    return bytes
  }

  static func crc(of bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBufferPointer { tm_crc32(0, $0.baseAddress, $0.count) }
  }
}

extension Collection where Element == UInt8 {
  /// The big-endian number in the first four bytes; zero bytes stand in for missing ones.
  var bigEndian32: UInt32 {
    var value: UInt32 = 0
    var iterator = makeIterator()
    for _ in 0..<4 { value = value << 8 | UInt32(iterator.next() ?? 0) }
    return value
  }
}

extension MediaError {
  /// A breach of the PNG specification.
  static func png(_ message: String) -> MediaError { MediaError(.malformed, .decode, message) }
}
