internal import MediaCore

/// The audio tags of an FLV file, as packets that can be decoded (Adobe FLV 10.1, E.4.2).
struct FLVSoundTrack {
  let sound: CodedSound
  /// One for each packet.
  let tags: [FLVTag]
  /// What stands in front of each packet in its tag: coding, and of AAC the kind of packet.
  let heads: [[UInt8]]
  /// The tag that the file ends inside of.
  let cut: FLVTag?

  private enum Format {
    static let aac: UInt8 = 10
    static let mp3: Set<UInt8> = [2, 14]
    /// Of little-endian samples, also where it is called the platform's own.
    static let pcm: Set<UInt8> = [0, 3]
  }

  /// The packets of the whole file, or of a part. Throws `unsupported` for a file without sound, or with sound in a coding that is not decoded here, `limitExceeded` for one
  /// with more tags than are held in memory.
  init(
    _ structure: FLVStructure, _ part: FLVPart? = nil, in reader: HeaderReader, limits: Limits
  ) throws(MediaError) {
    var found = Packets(reader: reader, limits: limits, begin: part?.offset ?? 0)
    // The first tag describes AAC.
    var offset = part == nil ? structure.firstTag : structure.audio?.offset ?? structure.firstTag
    var cut: FLVTag?
    while offset + FLVTag.headerBytes <= reader.size {
      let tag = try FLVTag(at: offset, in: reader)
      guard tag.end <= reader.size else {
        cut = tag
        break
      }
      offset = max(tag.end + 4, part?.offset ?? 0)
      if let part, tag.timestamp > part.end { break }
      if tag.kind == .audio, tag.length > 1 { try found.add(tag) }
    }
    guard let first = found.first, !found.samples.isEmpty else {
      throw MediaError(.unsupported, .decode, "the file has no sound")
    }
    let codec = try Self.codec(first, hasRecord: !found.config.isEmpty)
    sound = CodedSound(
      codec: codec, config: found.config, packets: found.samples, timescale: 1000,
      rate: [5512, 11025, 22050, 44100][Int(first >> 2 & 3)], skipped: 0, others: 0)
    tags = found.tags
    heads = found.heads
    self.cut = cut
  }

  /// What tags of sound hold, as they come by.
  private struct Packets {
    let reader: HeaderReader
    let limits: Limits
    /// Where the first packet wanted may begin; what describes the sound may stand in front of it.
    let begin: Int
    var samples: [VideoSample] = []
    var tags: [FLVTag] = []
    var heads: [[UInt8]] = []
    var config: [UInt8] = []
    /// The first byte of all of them: coding, rate, size and channels.
    var first: UInt8?

    private var most: Int {
      limits.indexBytes / (MemoryLayout<VideoSample>.stride + MemoryLayout<FLVTag>.stride + 64)
    }

    init(reader: HeaderReader, limits: Limits, begin: Int) {
      (self.reader, self.limits, self.begin) = (reader, limits, begin)
    }

    mutating func add(_ tag: FLVTag) throws(MediaError) {
      guard !tag.isFiltered else {
        throw MediaError(.unsupported, .decode, "the audio tag at offset \(tag.offset) is encrypted")
      }
      let isAAC = try reader.bytes(1, at: tag.dataOffset).first.map { $0 >> 4 == Format.aac } ?? false
      let head = try reader.bytes(isAAC ? 2 : 1, at: tag.dataOffset)
      guard first == nil || first == head[0] else {
        throw MediaError(.unsupported, .decode, "the sound takes another coding at offset \(tag.offset)")
      }
      first = head[0]
      if isAAC, head[1] == 0 { return try describe(tag) }
      guard tag.length > head.count, tag.offset >= begin else { return }
      guard samples.count < most else { throw .tooMany("audio tags", most) }
      let time = Int64(tag.timestamp)
      samples.append(
        VideoSample(
          offset: tag.dataOffset + head.count, size: tag.length - head.count, dts: time, pts: time,
          isSync: true))
      tags.append(tag)
      heads.append(head)
    }

    private mutating func describe(_ tag: FLVTag) throws(MediaError) {
      guard tag.length <= limits.metadataValueBytes else {
        throw MediaError(.limitExceeded, .decode, "a set-up record of \(tag.length) bytes")
      }
      let record = try reader.bytes(tag.length - 2, at: tag.dataOffset + 2)
      guard config.isEmpty || config == record else {
        throw MediaError(.unsupported, .decode, "the sound is described anew at offset \(tag.offset)")
      }
      config = record
    }
  }

  private static func codec(_ head: UInt8, hasRecord: Bool) throws(MediaError) -> SoundCodec {
    let format = head >> 4
    if format == Format.aac, hasRecord { return .aac }
    if Format.mp3.contains(format) { return .mp3 }
    let bits = head & 2 != 0 ? 16 : 8
    if Format.pcm.contains(format),
      let coding = PCMCoding(
        channels: head & 1 != 0 ? 2 : 1, bits: bits, isFloat: false, isSigned: bits > 8, isBigEndian: false)
    {
      return .pcm(coding)
    }
    throw MediaError(
      .unsupported, .decode, "sound of format \(format) in FLV is not decoded; AAC, MP3 and PCM are")
  }
}
