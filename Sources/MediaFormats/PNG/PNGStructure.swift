internal import CImageIO
internal import MediaCore

/// The chunks of a file, found without reading the image data.
struct PNGStructure: Sendable {
  /// 0x89 `PNG` CR LF 0x1A LF (PNG 5.2).
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  /// More IDAT chunks than this are refused: 2 GB in the 8 KB chunks of common encoders.
  static let maximumImageChunks = 1 << 18

  private(set) var header: PNGHeader
  /// IHDR … IEND in file order; all IDAT chunks are one entry, frame data of animations has none.
  private(set) var chunks: [PNGChunk] = []
  /// Index of the IDAT entry in `chunks`.
  private(set) var imageIndex = 0
  /// How many IDAT chunks there are.
  private(set) var imageChunkCount = 0
  /// Bytes of data in the first IDAT chunk.
  private(set) var firstImageChunkLength = 0
  /// Whether the file holds an animation (PNG third edition 11.3.6).
  private(set) var isAnimated = false
  /// The palette as stored, three bytes an entry; empty without PLTE.
  private(set) var palette: [UInt8] = []
  /// Bytes behind IEND.
  let trailingBytes: Int

  /// The image data's entry.
  var image: PNGChunk { chunks[imageIndex] }

  /// Walks the chunks of `input`. Throws `malformed` where a rule of PNG 5 is broken, `limitExceeded` for more
  /// than `limits.metadataItems` chunks.
  init(_ input: InputFile, limits: Limits) throws(MediaError) {
    let head = try input.read(8)
    guard head == Self.signature else { throw Self.signatureError(head) }
    var offset = 8
    var scan = Scan()
    var header: PNGHeader?
    repeat {
      let chunk = try Self.chunk(in: input, at: offset)
      offset = chunk.end
      if header == nil {
        guard chunk.type == .ihdr else { throw Self.firstChunkError(chunk) }
        header = try PNGHeader(try input.criticalData(of: chunk))
      } else if chunk.type == .ihdr {
        throw .png("second IHDR at offset \(chunk.offset); one is allowed (PNG 5.6)")
      } else if chunk.type == .plte {
        try scan.addPalette(chunk, input, header)
      }
      try scan.add(chunk, limits)
    } while scan.chunks.last?.type != .iend
    guard let header else { throw .png("no IHDR (PNG 5.6)") }
    guard let imageIndex = scan.imageIndex else {
      throw .png("no IDAT before IEND; a PNG holds at least one (PNG 5.6)")
    }
    if header.colorType == .palette, scan.palette.isEmpty {
      throw .png("no PLTE before IDAT; colour type 3 needs one (PNG 11.2.2)")
    }
    self.header = header
    chunks = scan.chunks
    self.imageIndex = imageIndex
    imageChunkCount = scan.imageChunkCount
    firstImageChunkLength = scan.firstImageChunkLength
    isAnimated = scan.isAnimated
    palette = scan.palette
    trailingBytes = max(0, input.size - offset)
  }

  /// The first chunk of `type` in front of the image data.
  func first(_ type: PNGChunkType) -> PNGChunk? { chunks[..<imageIndex].first { $0.type == type } }

  private static func chunk(in input: InputFile, at offset: Int) throws(MediaError) -> PNGChunk {
    let head = try input.read(8, at: offset)
    guard head.count == 8 else {
      throw .png("file ends at offset \(offset + head.count) without IEND; it is truncated (PNG 5.6)")
    }
    let length = Int(head.bigEndian32)
    let type = PNGChunkType(rawValue: head[4...].bigEndian32)
    guard type.isWellFormed else {
      throw .png("bytes at offset \(offset + 4) are no chunk type of four letters (PNG 5.4)")
    }
    guard length <= 0x7FFF_FFFF else {
      throw .png(
        "chunk '\(type)' at offset \(offset) has length \(length), above the 2^31-1 allowed (PNG 5.3)")
    }
    guard length <= input.size - offset - 12 else {
      throw .png(
        "chunk '\(type)' at offset \(offset) has length \(length) but the file ends at \(input.size);"
          + " it is truncated (PNG 5.3)")
    }
    return PNGChunk(type: type, offset: offset, end: offset + 12 + length, length: length)
  }

  private static func signatureError(_ head: [UInt8]) -> MediaError {
    if head.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
      return .png("signature is damaged as by a text-mode transfer; fetch the file anew in binary (PNG 5.2)")
    }
    return .png("file does not begin with the PNG signature (PNG 5.2)")
  }

  private static func firstChunkError(_ chunk: PNGChunk) -> MediaError {
    if chunk.type == .appleCrushed {
      return MediaError(
        .unsupported, .decode,
        "chunk 'CgBI' marks Apple's private variant of PNG; convert it with 'pngcrush -revert-iphone-optimizations'"
      )
    }
    return .png("first chunk is '\(chunk.type)'; IHDR must come first (PNG 5.6)")
  }
}

/// What the walk over the chunks has met so far.
private struct Scan {
  var chunks: [PNGChunk] = []
  var imageIndex: Int?
  var imageChunkCount = 0
  var firstImageChunkLength = 0
  var animationChunkCount = 0
  var isAnimated = false
  var palette: [UInt8] = []

  mutating func add(_ chunk: PNGChunk, _ limits: Limits) throws(MediaError) {
    switch chunk.type {
    case .idat: return try addImageData(chunk)
    case .iend where chunk.length != 0:
      throw .png("IEND holds \(chunk.length) bytes; none are allowed (PNG 11.2.5)")
    case .animationControl where imageIndex == nil: isAnimated = true
    case .frameData, .frameControl:
      isAnimated = true
      animationChunkCount += 1
      guard animationChunkCount <= PNGStructure.maximumImageChunks else {
        throw MediaError(
          .limitExceeded, .decode,
          "more than \(PNGStructure.maximumImageChunks) animation chunks in one file")
      }
      return
    default: break
    }
    guard chunks.count < limits.metadataItems else {
      throw MediaError(.limitExceeded, .decode, "more than \(limits.metadataItems) chunks in one file")
    }
    chunks.append(chunk)
  }

  mutating func addPalette(
    _ chunk: PNGChunk, _ input: InputFile, _ header: PNGHeader?
  ) throws(MediaError) {
    guard let header else { return }
    if header.colorType == .gray || header.colorType == .grayAlpha {
      throw .png("PLTE in a greyscale picture; it must not appear there (PNG 11.2.2)")
    }
    guard palette.isEmpty, imageIndex == nil else {
      throw .png("PLTE at offset \(chunk.offset) is a second one or behind IDAT (PNG 5.6)")
    }
    let most = header.colorType == .palette ? 1 << header.depth : 256
    guard chunk.length % 3 == 0, (1...most).contains(chunk.length / 3) else {
      throw .png("PLTE holds \(chunk.length) bytes; three for each of 1 … \(most) entries (PNG 11.2.2)")
    }
    palette = try input.criticalData(of: chunk)
  }

  private mutating func addImageData(_ chunk: PNGChunk) throws(MediaError) {
    imageChunkCount += 1
    guard imageChunkCount <= PNGStructure.maximumImageChunks else {
      throw MediaError(
        .limitExceeded, .decode, "more than \(PNGStructure.maximumImageChunks) IDAT chunks in one file")
    }
    guard let index = imageIndex else {
      imageIndex = chunks.count
      firstImageChunkLength = chunk.length
      chunks.append(chunk)
      return
    }
    let run = chunks[index]
    guard index == chunks.count - 1, run.end == chunk.offset else {
      throw .png(
        "IDAT at offset \(chunk.offset) is apart from the others; they must be consecutive (PNG 5.6)")
    }
    chunks[index] = PNGChunk(
      type: .idat, offset: run.offset, end: chunk.end, length: run.length + chunk.length)
  }
}

extension InputFile {
  /// The data of a small chunk that decoding depends on; throws `malformed` when its CRC does not hold.
  func criticalData(of chunk: PNGChunk) throws(MediaError) -> [UInt8] {
    guard let data = try intactData(of: chunk) else {
      throw .png("CRC of chunk '\(chunk.type)' at offset \(chunk.offset) does not match its data (PNG 5.3)")
    }
    return data
  }

  /// The data of a chunk of at most 64 KiB; nil when it is longer or its CRC does not hold.
  func intactData(of chunk: PNGChunk) throws(MediaError) -> [UInt8]? {
    guard chunk.length <= 1 << 16 else { return nil }
    let (data, isIntact) = try data(of: chunk, atMost: 1 << 16)
    return isIntact ? data : nil
  }

  /// The data of `chunk`, its first `limit` bytes when it is longer, and whether the CRC over what was read holds
  /// (true for data cut at the limit, where it cannot be checked).
  func data(of chunk: PNGChunk, atMost limit: Int) throws(MediaError) -> (bytes: [UInt8], isIntact: Bool) {
    let isWhole = chunk.length <= limit
    // The type field is part of what the CRC covers.
    var bytes = try read(4 + (isWhole ? chunk.length + 4 : limit), at: chunk.offset + 4)
    guard isWhole else { return (Array(bytes.dropFirst(4)), true) }
    guard bytes.count == chunk.length + 8 else {
      throw MediaError(.io, .decode, "file shrank while chunk '\(chunk.type)' was read")
    }
    let stored = bytes[(bytes.count - 4)...].bigEndian32
    bytes.removeLast(4)
    let isIntact = stored == PNGChunk.crc(of: bytes[...])
    bytes.removeFirst(4)
    return (bytes, isIntact)
  }
}
