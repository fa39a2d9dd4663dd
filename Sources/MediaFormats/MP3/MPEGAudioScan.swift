internal import MediaCore

/// A stream of MPEG audio by the headers of its frames, all of which are read.
struct MPEGAudioScan {
  /// The first frame with sound.
  private(set) var first: MPEGAudioHeader
  /// Bytes of that frame's header.
  private(set) var header: [UInt8] = []
  /// Whether a frame without sound (Xing, Info, VBRI) stands in front.
  let hasInfo: Bool
  /// Bytes of the frame without sound; empty without one.
  let info: [UInt8]
  /// Frames with sound.
  private(set) var frames = 0
  /// Offset behind the last whole frame.
  private(set) var end: Int

  private var bytes = 0
  private var rates = Set<Int>()

  /// Bits a second, of all frames on average.
  var bitRate: Int {
    frames == 0 ? first.bitRate : bytes * 8 * first.sampleRate / (frames * first.samples)
  }
  /// Whether all frames have one bit rate.
  var isConstant: Bool { rates.count <= 1 }
  /// Samples of each channel.
  var samples: Int { frames * first.samples }
  /// Whether channels may be coded as sum and difference.
  var isJoint: Bool { header.count == 4 && header[3] >> 6 == 1 }

  /// Reads the frames from `start`, where one begins, to `end`; what is none between them is passed over.
  init(_ header: MPEGAudioHeader, from start: Int, to end: Int, _ reader: HeaderReader) throws(MediaError) {
    let frame = try reader.bytes(min(header.frameLength, end - start), at: start)
    hasInfo = Self.isInfo(frame, header)
    info = hasInfo ? frame : []
    first = header
    self.end = start
    var offset = hasInfo ? start + frame.count : start
    self.end = offset
    var isInStep = true
    while offset <= end - 4 {
      let bytes = try reader.bytes(4, at: offset)
      guard let next = MPEGAudioHeader(bytes[...]), next.continues(header), next.frameLength <= end - offset,
        try Self.isFollowed(next, at: offset, end, reader, isInStep: isInStep)
      else {
        isInStep = false
        offset += 1
        continue
      }
      if frames == 0 { (first, self.header) = (next, bytes) }
      isInStep = true
      frames += 1
      self.bytes += next.frameLength
      rates.insert(next.bitRate)
      offset += next.frameLength
      self.end = offset
    }
  }

  /// Behind what was passed over, one header alone may be chance.
  private static func isFollowed(
    _ header: MPEGAudioHeader, at offset: Int, _ end: Int, _ reader: HeaderReader, isInStep: Bool
  ) throws(MediaError) -> Bool {
    if isInStep { return true }
    let next = offset + header.frameLength
    guard next <= end - 4 else { return next == end }
    return MPEGAudioHeader(try reader.bytes(4, at: next)[...])?.continues(header) == true
  }

  private static func isInfo(_ frame: [UInt8], _ header: MPEGAudioHeader) -> Bool {
    let marks = [(4 + header.sideLength, ["Xing", "Info"]), (36, ["VBRI"])]
    return marks.contains { start, names in
      frame.count >= start + 4 && names.contains(String(decoding: frame[start..<start + 4], as: UTF8.self))
    }
  }
}
