internal import MediaCore

/// The video tags of an FLV file, as samples that can be decoded (Adobe FLV 10.1, E.4.3).
struct FLVVideoTrack {
  let video: CodedVideo
  /// One for each sample.
  let tags: [FLVTag]
  /// The tags with the AVCDecoderConfigurationRecord: recorders of live streams repeat it.
  let headers: [FLVTag]
  /// What stands in front of the record in `headers`.
  let headerHead: [UInt8]
  /// The tag that the file ends inside of.
  let cut: FLVTag?

  /// Bytes in front of a coded picture: kind of frame and codec, kind of packet, composition time.
  static let headBytes = 5

  private enum Packet {
    static let configuration: UInt8 = 0
    static let picture: UInt8 = 1
  }

  /// Milliseconds by which pictures may stand behind those that are shown after them.
  private static let margin = 2000.0

  /// The pictures of the whole file, or those that are shown before `end` seconds, which are enough to look at. Throws
  /// `unsupported` for a file without pictures in AVC or with more than one description of them, `limitExceeded` for one
  /// with more tags than are held in memory.
  init(
    _ structure: FLVStructure, until end: Double = .infinity, size: PixelSize, in reader: HeaderReader,
    limits: Limits
  ) throws(MediaError) {
    var samples: [VideoSample] = []
    var tags: [FLVTag] = []
    var headers: [FLVTag] = []
    var config: [UInt8]?
    var headerHead: [UInt8] = []
    var cut: FLVTag?
    var offset = structure.firstTag
    let most = limits.indexBytes / (MemoryLayout<VideoSample>.stride + MemoryLayout<FLVTag>.stride)
    walk: while offset + FLVTag.headerBytes <= reader.size {
      let tag = try FLVTag(at: offset, in: reader)
      guard tag.end <= reader.size else {
        cut = tag
        break
      }
      offset = tag.end + 4
      guard tag.kind == .video, tag.length > 0 else { continue }
      let head = try reader.bytes(min(Self.headBytes, tag.length), at: tag.dataOffset)
      try Self.requireAVC(head, tag)
      // Seeking marks of servers are no pictures.
      guard head.count == Self.headBytes, head[0] >> 4 != 5 else { continue }
      switch head[1] {
      case Packet.configuration:
        let record = try Self.record(tag, in: reader, limits: limits)
        guard config == nil || config == record else {
          throw MediaError(
            .unsupported, .decode,
            "the pictures are described anew at offset \(tag.offset); frames of one description are edited")
        }
        if config == nil { headerHead = head }
        config = record
        headers.append(tag)
      case Packet.picture where tag.length > Self.headBytes:
        let begin = tags.first?.timestamp ?? tag.timestamp
        if Double(tag.timestamp - begin) > end * 1000 + Self.margin { break walk }
        guard samples.count < most else { throw .tooMany("video tags", most) }
        samples.append(Self.sample(tag, head))
        tags.append(tag)
      default: break
      }
    }
    guard let config, let first = tags.first, headers[0].offset < first.offset else {
      throw MediaError(
        .unsupported, .decode,
        "no AVC configuration record stands in front of the pictures, or there are none")
    }
    video = CodedVideo(
      codec: .h264, config: config, size: size, orientation: .up, timescale: 1000, samples: samples,
      start: samples.map(\.pts).min() ?? 0)
    self.tags = tags
    self.headers = headers
    self.headerHead = headerHead
    self.cut = cut
  }

  /// The picture in a tag of video; nil where it holds another kind of packet. Throws `unsupported` for another coding.
  static func picture(_ tag: FLVTag, in reader: HeaderReader) throws(MediaError) -> VideoSample? {
    guard tag.length > headBytes else { return nil }
    let head = try reader.bytes(headBytes, at: tag.dataOffset)
    try requireAVC(head, tag)
    return head[0] >> 4 != 5 && head[1] == Packet.picture ? sample(tag, head) : nil
  }

  private static func requireAVC(_ head: [UInt8], _ tag: FLVTag) throws(MediaError) {
    guard !tag.isFiltered else {
      throw MediaError(.unsupported, .decode, "the video tag at offset \(tag.offset) is encrypted")
    }
    guard head[0] & 0x80 == 0, head[0] & 15 == 7 else {
      let codec = FLVTracks.videoCodec(head)
      throw MediaError(
        .unsupported, .decode,
        "pictures coded as \(codec) are not coded anew in FLV; convert them to H.264 first")
    }
  }

  private static func record(
    _ tag: FLVTag, in reader: HeaderReader, limits: Limits
  ) throws(MediaError) -> [UInt8] {
    let length = tag.length - headBytes
    guard length <= limits.metadataValueBytes else {
      throw MediaError(.limitExceeded, .decode, "an AVC configuration record of \(length) bytes")
    }
    return try reader.bytes(length, at: tag.dataOffset + headBytes)
  }

  private static func sample(_ tag: FLVTag, _ head: [UInt8]) -> VideoSample {
    let composition = UInt32(head[2]) << 16 | UInt32(head[3]) << 8 | UInt32(head[4])
    // 24 bits with sign.
    let shift = Int32(bitPattern: composition << 8) >> 8
    let time = Int64(Int32(truncatingIfNeeded: tag.timestamp))
    return VideoSample(
      offset: tag.dataOffset + headBytes, size: tag.length - headBytes, dts: time, pts: time + Int64(shift),
      isSync: head[0] >> 4 == 1)
  }
}
