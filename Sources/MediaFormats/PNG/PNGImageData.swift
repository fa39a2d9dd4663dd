internal import CImageIO
internal import MediaCore

/// The image data of a file: the zlib stream as stored, and where its blocks begin.
struct PNGImageData {
  /// Block boundaries closer than this are not told apart, so that a stream of empty blocks stays small here.
  private static let spacing = 1024

  /// The zlib stream.
  let stream: UnsafeRawBufferPointer
  /// Bytes in IDAT behind the end of the zlib stream, which no decoder reads.
  let surplusBytes: Int
  private let storage: ScratchBuffer
  /// Bytes that the stream inflates to.
  private let expected: Int
  // Where they were looked for while inflating.
  private let found: [DeflateBoundary]?

  /// Reads and inflates all IDAT chunks into `raster`, which must have one byte more than the picture decodes to. Without `findsBlocks`
  /// that is quicker, and looking for `boundaries` later costs as much again. Throws `malformed` for a CRC or check value that does
  /// not hold, too little or too much data.
  init(
    _ structure: PNGStructure, in input: InputFile, into raster: ScratchBuffer, findsBlocks: Bool,
    limits: Limits, scratch: Scratch
  ) throws(MediaError) {
    let image = structure.image
    let span = image.end - image.offset
    guard span <= limits.fileBytes else {
      throw MediaError(
        .limitExceeded, .decode,
        "image data of \(span) bytes exceeds the \(limits.fileBytes) allowed; raise --memory")
    }
    let storage = scratch.borrow(span)
    guard try input.read(into: storage.bytes, at: image.offset) == span else {
      throw MediaError(.io, .decode, "file shrank while its image data was read")
    }
    let size = try Self.gather(storage.bytes, at: image.offset)
    let stream = UnsafeRawBufferPointer(rebasing: storage.bytes[..<size])
    self.storage = storage
    self.stream = stream
    expected = raster.bytes.count - 1
    var consumed = 0
    if !findsBlocks,
      tm_inflate_whole(
        stream.bindMemory(to: UInt8.self).baseAddress, size,
        raster.bytes.bindMemory(to: UInt8.self).baseAddress,
        expected, &consumed) != 0
    {
      found = nil
      surplusBytes = size - consumed
      return
    }
    // What is wrong with a stream, zlib says.
    let blocks = try Self.blocks(of: stream, into: raster.bytes, expected: expected)
    found = blocks.boundaries
    surplusBytes = size - blocks.consumed
  }

  /// Runs of whole deflate blocks, first to last, and the end of the last block; all of the stream as one run where `dirty`, the bytes
  /// that have changed, leave little of it as it is. Throws `internalFault`.
  func boundaries(_ dirty: [Range<Int>], scratch: Scratch) throws(MediaError) -> [DeflateBoundary] {
    if let found { return found }
    if 10 * dirty.reduce(0, { $0 + $1.count }) > 9 * expected {
      return [DeflateBoundary(output: 0, bit: 16), DeflateBoundary(output: expected, bit: 8 * stream.count)]
    }
    let copy = scratch.borrow(expected + 1)
    return try withExtendedLifetime(copy) { () throws(MediaError) in
      try Self.blocks(of: stream, into: copy.bytes, expected: expected).boundaries
    }
  }

  private static func blocks(
    of stream: UnsafeRawBufferPointer, into raster: UnsafeMutableRawBufferPointer, expected: Int
  ) throws(MediaError) -> (boundaries: [DeflateBoundary], consumed: Int) {
    let capacity = expected / spacing + 3
    var result = tm_inflate_result()
    let marks = [tm_deflate_boundary](unsafeUninitializedCapacity: capacity) { marks, count in
      result = tm_inflate(
        stream.bindMemory(to: UInt8.self).baseAddress, stream.count,
        raster.bindMemory(to: UInt8.self).baseAddress, expected + 1, marks.baseAddress, capacity, spacing)
      count = result.boundaries
    }
    try check(result, expected: expected, stored: stream.count)
    return (marks.map { DeflateBoundary(output: Int($0.output), bit: Int($0.bit)) }, result.input)
  }

  /// Moves the data of the chunks in `span` together and checks their CRCs; returns the bytes.
  private static func gather(
    _ span: UnsafeMutableRawBufferPointer, at fileOffset: Int
  ) throws(MediaError) -> Int {
    var source = 0
    var size = 0
    while source < span.count {
      let length = span.count - source >= 12 ? Int(span[source..<source + 4].bigEndian32) : -1
      guard length >= 0, length <= span.count - source - 12 else {
        throw MediaError(.io, .decode, "file changed while its image data was read")
      }
      let end = source + 8 + length
      let covered = UnsafeRawBufferPointer(rebasing: span[source + 4..<end]).bindMemory(to: UInt8.self)
      guard tm_crc32(0, covered.baseAddress, covered.count) == span[end..<end + 4].bigEndian32 else {
        throw .png(
          "CRC of chunk 'IDAT' at offset \(fileOffset + source) does not match its data (PNG 5.3)")
      }
      if length > 0, let base = span.baseAddress {
        (base + size).copyMemory(from: base + source + 8, byteCount: length)
      }
      size += length
      source = end + 4
    }
    return size
  }

  private static func check(
    _ result: tm_inflate_result, expected: Int, stored: Int
  ) throws(MediaError) {
    guard result.output <= expected else {
      throw .png("image data inflates to more than the \(expected) bytes that IHDR asks for (PNG 10.1)")
    }
    if result.status == 1 {
      guard result.output == expected else {
        throw .png(
          "image data inflates to \(result.output) bytes; IHDR asks for \(expected), it is truncated (PNG 10.1)"
        )
      }
      return
    }
    if result.status == -5 {
      throw .png(
        "image data ends after \(result.output) of \(expected) bytes; the zlib stream of \(stored) bytes is"
          + " truncated (PNG 10.1)")
    }
    let reason = result.message.map { String(cString: $0) } ?? "zlib status \(result.status)"
    throw MediaError(
      .malformed, .decode,
      "image data is damaged after \(result.output) of \(expected) bytes: \(reason)"
        + " (PNG 10.1)", nativeStatus: Int32(truncatingIfNeeded: result.status))
  }
}
