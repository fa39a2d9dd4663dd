internal import CMediaIO
internal import MediaCore

/// A stream of layer III coded anew as a whole. Frames share a reservoir of bits with those in front of them, so that
/// frames of another encoder cannot stand between those of the source.
struct MP3Recoding {
  /// Samples that every decoder of layer III adds (LAME's `decoder delay`).
  private static let decoderDelay = 529

  let input: InputFile
  let scan: MPEGAudioScan
  let edit: AudioEdit

  /// What came of it.
  struct Result {
    /// The frame without sound in front.
    let tag: [UInt8]
    /// The frames, in the spool.
    let frames: Range<Int>
    let note: String
    let coding: CodingPlan
  }

  /// Codes the edited sound into `spool`. A constant rate becomes the next higher one, which about halves what the second
  /// coding loses; a variable one does not fall below the source's on average unless LAME has none higher.
  func code(into spool: CodedSpool) throws(MediaError) -> Result {
    if scan.isConstant { return try code(["b=\(constantRate)"], quality: nil, into: spool).result }
    let (result, rate) = try code(Self.variable(2), quality: 2, into: spool)
    return rate >= scan.bitRate ? result : try code(Self.variable(0), quality: 0, into: spool).result
  }

  private var constantRate: Int {
    var header = scan.header
    guard header.count == 4, header[2] >> 4 < 14 else { return scan.first.bitRate }
    header[2] += 1 << 4
    return MPEGAudioHeader(header[...])?.bitRate ?? scan.first.bitRate
  }

  /// By what LAME makes sound quieter at a constant rate of so many bits a second (its table of ABR presets), which is undone
  /// in front of it.
  static func scale(atConstant rate: Int) -> Float {
    switch rate / 1000 {
    case ..<176: return 0.95
    case ..<208: return 0.97
    case ..<240: return 0.98
    default: return 1
    }
  }

  /// Scaled as libavcodec wants it (FF_QP2LAMBDA).
  static func variable(_ quality: Int) -> [String] {
    ["flags=+qscale", "global_quality=\(quality * 118)"]
  }

  private func code(
    _ options: [String], quality: Int?, into spool: CodedSpool
  ) throws(MediaError) -> (result: Result, rate: Int) {
    let decoder = try SoundDecoder(input, container: "mp3")
    let encoder = try SoundEncoder(
      "libmp3lame", options: options + ["compression_level=3", "joint_stereo=\(scan.isJoint ? 1 : 0)"],
      like: decoder.handle, channels: decoder.channels)
    var sound = EditedSound(edit, sampleRate: decoder.sampleRate)
    var header: [UInt8] = []
    var ends: [Int] = []
    var sum: UInt16 = 0
    var place: Range<Int>?
    func keep(_ packet: UnsafeRawBufferPointer) throws(MediaError) {
      var frame = Array(packet)
      guard frame.count > 4 else { return }
      carry(&frame)
      if header.isEmpty { header = Array(frame.prefix(4)) }
      let range = try spool.append(frame)
      place = (place?.lowerBound ?? range.lowerBound)..<range.upperBound
      ends.append((ends.last ?? 0) + frame.count)
      sum = LAMETag.sum(of: frame, after: sum)
    }
    let scale = quality == nil ? 1 / Self.scale(atConstant: constantRate) : 1
    try decoder.visit([0..<Int.max]) { (block) throws(MediaError) in
      let settled = try sound.add(block.channels)
      try encoder.send(scale == 1 ? settled : settled.map { $0.map { $0 * scale } }, keep)
    }
    try sound.finish()
    try encoder.finish(keep)
    guard let place else { throw MediaError(.malformed, .decode, "the stream has no sound") }
    let tag = try LAMETag(
      header: header, delay: encoder.delay - Self.decoderDelay, count: encoder.count, quality: quality,
      gains: LAMETag.gains(in: scan.info, scan.first)
    ).frame(ends: ends, sum: sum)
    let rate = place.count * 8 * scan.first.sampleRate / max(1, ends.count * scan.first.samples)
    let how =
      quality.map { "VBR quality \($0) (\(Self.kilobits(rate)), the source \(Self.kilobits(scan.bitRate)))" }
      ?? "\(Self.kilobits(constantRate)) (the source \(Self.kilobits(scan.bitRate)))"
    let note = "the whole stream was coded anew with libmp3lame at \(how)"
    let coding = CodingPlan(
      .full, reason: "frames of layer III share bits with those in front of them", frames: ends.count)
    return (Result(tag: tag, frames: place, note: note, coding: coding), rate)
  }

  private static func kilobits(_ rate: Int) -> String { "\((rate + 500) / 1000) kbit/s" }

  /// Copyright, original, emphasis and the private bit are the source's.
  private func carry(_ frame: inout [UInt8]) {
    guard scan.header.count == 4 else { return }
    frame[2] = frame[2] & 0xFE | scan.header[2] & 1
    frame[3] = frame[3] & 0xF0 | scan.header[3] & 0x0F
  }
}
