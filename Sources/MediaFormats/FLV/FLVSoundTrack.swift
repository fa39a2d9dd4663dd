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
    var packets: [VideoSample] = []
    var tags: [FLVTag] = []
    var heads: [[UInt8]] = []
    var config: [UInt8] = []
    var first: UInt8?
    // The first tag describes AAC.
    var cut: FLVTag?
    var offset = part == nil ? structure.firstTag : structure.audio?.offset ?? structure.firstTag
    let stride = MemoryLayout<VideoSample>.stride + MemoryLayout<FLVTag>.stride + 64
    let most = limits.indexBytes / stride
    while offset + FLVTag.headerBytes <= reader.size {
      let tag = try FLVTag(at: offset, in: reader)
      guard tag.end <= reader.size else {
        cut = tag
        break
      }
      offset = max(tag.end + 4, part?.offset ?? 0)
      if let part, tag.timestamp > part.end { break }
      guard tag.kind == .audio, tag.length > 1 else { continue }
      guard !tag.isFiltered else {
        throw MediaError(.unsupported, .decode, "the audio tag at offset \(tag.offset) is encrypted")
      }
      let isAAC = try reader.bytes(1, at: tag.dataOffset).first.map { $0 >> 4 == Format.aac } ?? false
      let head = try reader.bytes(isAAC ? 2 : 1, at: tag.dataOffset)
      guard first == nil || first == head[0] else {
        throw MediaError(.unsupported, .decode, "the sound takes another coding at offset \(tag.offset)")
      }
      first = head[0]
      if isAAC, head[1] == 0 {
        guard tag.length <= limits.metadataValueBytes else {
          throw MediaError(.limitExceeded, .decode, "a set-up record of \(tag.length) bytes")
        }
        let record = try reader.bytes(tag.length - 2, at: tag.dataOffset + 2)
        guard config.isEmpty || config == record else {
          throw MediaError(
            .unsupported, .decode, "the sound is described anew at offset \(tag.offset)")
        }
        config = record
        continue
      }
      guard tag.length > head.count, tag.offset >= part?.offset ?? 0 else { continue }
      guard packets.count < most else { throw .tooMany("audio tags", most) }
      let time = Int64(tag.timestamp)
      packets.append(
        VideoSample(
          offset: tag.dataOffset + head.count, size: tag.length - head.count, dts: time, pts: time,
          isSync: true))
      tags.append(tag)
      heads.append(head)
    }
    guard let first, !packets.isEmpty else {
      throw MediaError(.unsupported, .decode, "the file has no sound")
    }
    let codec = try Self.codec(first, hasRecord: !config.isEmpty)
    sound = CodedSound(
      codec: codec, config: config, packets: packets, timescale: 1000,
      rate: [5512, 11025, 22050, 44100][Int(first >> 2 & 3)], skipped: 0, others: 0)
    self.tags = tags
    self.heads = heads
    self.cut = cut
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
