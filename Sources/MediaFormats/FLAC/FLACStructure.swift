internal import MediaCore

/// A metadata block (RFC 9639 8.1).
struct FLACBlock {
  static let headerLength = 4
  /// Most bytes that 24 bits of length can say.
  static let largest = 0xFF_FFFF
  static let (streamInfo, padding, seekTable, vorbisComment): (UInt8, UInt8, UInt8, UInt8) = (0, 1, 3, 4)

  let type: UInt8
  /// Whether no other block follows.
  let isLast: Bool
  /// Offset of the header.
  let offset: Int
  /// Bytes behind the header.
  let length: Int
  var dataOffset: Int { offset + Self.headerLength }
  var end: Int { dataOffset + length }

  /// A header as stored.
  static func header(type: UInt8, isLast: Bool, length: Int) -> [UInt8] {
    [type | (isLast ? 0x80 : 0)] + UInt32(truncatingIfNeeded: length).bigEndianBytes.dropFirst()
  }
}

/// The parts of a file in front of its first frame.
struct FLACStructure {
  /// libavcodec's name for its decoder.
  static let decoder = "flac"

  let tags: [ID3Tag]
  let blocks: [FLACBlock]
  let streamInfo: [UInt8]
  /// Offset of the first frame.
  let framesOffset: Int

  /// Throws `malformed` when the blocks do not fit into the file or do not begin with STREAMINFO.
  init(_ reader: HeaderReader, limits: Limits) throws(MediaError) {
    tags = try ID3Tag.run(from: 0, in: reader, limits: limits)
    let start = tags.last?.header.end ?? 0
    guard start + 4 <= reader.size, try reader.bytes(4, at: start) == FLACFormat.mark else {
      throw MediaError(.malformed, .decode, "no FLAC stream begins at offset \(start)")
    }
    var blocks: [FLACBlock] = []
    var offset = start + 4
    repeat {
      guard blocks.count < limits.metadataItems else {
        throw MediaError(
          .limitExceeded, .decode, "more than \(limits.metadataItems) metadata blocks up to offset \(offset)")
      }
      let word = try reader.bigEndian(4, at: offset)
      let block = FLACBlock(
        type: UInt8(truncatingIfNeeded: word >> 24 & 0x7F), isLast: word >> 31 == 1, offset: offset,
        length: Int(word & 0xFF_FFFF))
      guard block.end <= reader.size, block.type != 127 else {
        throw MediaError(
          .malformed, .decode,
          "metadata block of type \(block.type) at offset \(offset) of \(block.length) bytes exceeds the file of \(reader.size)"
        )
      }
      blocks.append(block)
      offset = block.end
    } while blocks.last?.isLast == false
    guard let first = blocks.first, first.type == FLACBlock.streamInfo, first.length >= 18 else {
      throw MediaError(.malformed, .decode, "the first metadata block is not STREAMINFO (RFC 9639 8.2)")
    }
    streamInfo = try reader.bytes(18, at: first.dataOffset)
    self.blocks = blocks
    framesOffset = offset
  }

  /// What STREAMINFO says.
  func info(_ format: FormatID) -> MediaInfo {
    let word = streamInfo[10..<18].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let (rate, samples) = (Int(word >> 44), word & 0xF_FFFF_FFFF)
    return MediaInfo(
      format: format, kind: .audio,
      duration: rate > 0 && samples > 0 ? Double(samples) / Double(rate) : nil,
      tracks: [
        MediaTrack(kind: .audio, codec: "FLAC", sampleRate: rate, channels: Int(word >> 41 & 7) + 1)
      ], bitDepth: Int(word >> 36 & 31) + 1)
  }
}
