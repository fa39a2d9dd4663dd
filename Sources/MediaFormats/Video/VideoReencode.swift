internal import CMediaIO
internal import MediaCore

/// Codes runs of samples anew with edited frames, so that each new sample takes the place, the decoding time and the
/// duration of an old one: as many packets as samples, none shown earlier than it is decoded.
struct VideoReencode {
  /// What one segment came to.
  struct Segment {
    let samples: Range<Int>
    /// One for each sample, in decoding order.
    var packets: [CodedSpool.Packet] = []
    /// `ftyp` and `moov` that describe the new stream.
    var header: [UInt8] = []
    /// The codec's set-up record, of a codec whose containers hold it as it is.
    var config: [UInt8] = []
    /// Whether the visitor changed any frame.
    var isEdited = false
  }

  let video: CodedVideo
  let input: InputFile
  let edit: FrameEdit
  let plan: VideoPlan
  /// Options on top of the codec's own.
  let options: [String]
  /// Turns the encoder's packet into what the container holds (lengths for start codes); nil where it is the same.
  let pack: (_ packet: UnsafeRawBufferPointer, _ isFirst: Bool) -> [UInt8]?

  /// Codes the samples of `range` anew into `spool`. Throws `malformed` for a source that cannot be decoded without
  /// damage, `unsupported` where samples and pictures do not match one to one.
  func code(_ range: Range<Int>, into spool: CodedSpool) throws(MediaError) -> Segment {
    // With fewer B-frames every timestamp fits; what the source's own depth allows codes better.
    do throws(MediaError) { return try code(range, into: spool, reorder: nil) } catch {
      guard error.code == .conflict else { throw error }
    }
    return try code(range, into: spool, reorder: 0)
  }

  private func code(
    _ range: Range<Int>, into spool: CodedSpool, reorder: Int?
  ) throws(MediaError) -> Segment {
    var segment = Segment(samples: range)
    let decoder = try VideoDecoder(video, isStrict: true)
    var encoder: VideoEncoder?
    var last: Int64?
    var times = Set(video.samples[range].map(\.pts))
    // Where the container says that one can seek to, one still can.
    let keys = Set(video.samples[range].filter(\.isSync).map(\.pts))
    let base = video.samples[range].map(\.pts).min() ?? 0
    // When each picture handed to the encoder is shown.
    var shown: [Int64] = []
    for index in range.lowerBound...range.upperBound {
      if index < range.upperBound {
        let sample = video.samples[index]
        try decoder.send(try input.picture(sample), pts: sample.pts)
      } else {
        try decoder.finish()
      }
      while try decoder.next() {
        let pts = decoder.picture.pts
        guard times.remove(pts) != nil, last.map({ pts > $0 }) != false else {
          throw MediaError(
            .unsupported, .decode,
            "a picture is shown at tick \(pts), where the container has no sample for it")
        }
        guard decoder.picture.has_dynamic_light == 0 else {
          throw MediaError(
            .unsupported, .encode,
            "pictures carry light levels of their own (HDR10+, Dolby Vision), which coding anew would lose")
        }
        last = pts
        let time = video.time(pts)
        var isForward = false
        if edit.visitsAllCoded || edit.spans.contains(time) {
          let frame = VideoFrame(decoder, orientation: video.orientation, time: time)
          try edit.visitor(frame)
          segment.isEdited = segment.isEdited || frame.isEdited
          isForward = video.codec == .h264 && frame.isForward
        }
        if encoder == nil { encoder = try makeEncoder(like: decoder, reorder: reorder) }
        guard let active = encoder else { break }
        let tick = video.codec.hasFixedRate ? Int64(shown.count) : pts - base
        shown.append(pts)
        let isKey = !video.codec.isIntra && keys.contains(pts)
        try active.send(decoder, pts: tick, as: isKey ? .key : isForward ? .forward : .free)
        try drain(active, shown, into: spool, &segment)
      }
    }
    guard let encoder, times.isEmpty else {
      throw MediaError(
        .unsupported, .decode, "\(times.count) of \(range.count) samples gave no picture to take their place")
    }
    try encoder.finish()
    try drain(encoder, shown, into: spool, &segment)
    if video.codec.hasRecord, !video.isByteStream { segment.header = try encoder.header() }
    if video.codec.hasPlainRecord { segment.config = video.codec.record(of: encoder.config) }
    try check(segment)
    return segment
  }

  private func makeEncoder(like decoder: VideoDecoder, reorder: Int?) throws(MediaError) -> VideoEncoder {
    let isShort = plan.coding.method == .smart
    var options = video.codec.options(quality: edit.quality, isShort: isShort) + options
    // The profiles of ProRes and DNxHR are rates; left alone the encoder picks one by the depth.
    let profile = video.profile ?? Int(decoder.picture.profile)
    if [.prores, .dnxhd, .mpeg2].contains(video.codec), profile >= 0 { options.append("profile=\(profile)") }
    // Versions without a set-up record are the first ones (RFC 9043, 4.3).
    if video.codec == .ffv1, video.config.isEmpty { options.append("level=1") }
    // Opacity is coded by a second encoder: one can seek only to where both code a picture alone, so neither may choose.
    if video.hasAlpha { options += ["auto-alt-ref=0", "g=\(Int32.max)", "keyint_min=\(Int32.max)"] }
    let reorder = reorder ?? min(Int(decoder.picture.reorder), mostReordered)
    // B-frames that others refer to would wait one picture longer than the source's.
    if video.codec == .h264, reorder == 1 { options.append("b-pyramid=none") }
    return try VideoEncoder(
      video.codec, options: options, hasGlobalHeader: video.codec.hasGlobalHeader && !video.isByteStream,
      reorder: reorder,
      timescale: video.timescale,
      rate: video.rate, like: decoder)
  }

  private var mostReordered: Int {
    switch video.codec {
    case .h264: 2
    // Without times of presentation, the wait for a picture shown later is part of when all are shown.
    case .mpeg4 where video.isByteStream: 1
    default: 0
    }
  }

  private func drain(
    _ encoder: VideoEncoder, _ shown: [Int64], into spool: CodedSpool, _ segment: inout Segment
  ) throws(MediaError) {
    while try encoder.next() {
      let packet = encoder.packet
      let raw = UnsafeRawBufferPointer(start: packet.coded.data, count: packet.coded.size)
      let packed = pack(raw, segment.packets.isEmpty)
      let range = if let packed { try spool.append(packed) } else { try spool.append(raw) }
      let opacity = UnsafeRawBufferPointer(start: packet.coded.alpha, count: packet.coded.alpha_size)
      guard opacity.isEmpty != video.hasAlpha else {
        throw MediaError(.unsupported, .encode, "the encoder does not code the opacity of pictures")
      }
      let alpha = video.hasAlpha ? try spool.append(opacity) : nil
      segment.packets.append(
        .init(range: range, pts: try time(packet.pts, shown), isKey: packet.coded.is_key != 0, alpha: alpha))
    }
  }

  /// When the picture of a packet is shown, which the encoder knows as a number of pictures or as ticks behind the first.
  private func time(_ pts: Int64, _ shown: [Int64]) throws(MediaError) -> Int64 {
    guard video.codec.hasFixedRate else { return pts + (shown.first ?? 0) }
    guard shown.indices.contains(Int(clamping: pts)) else {
      throw MediaError(.internalFault, .encode, "the encoder made picture \(pts) of \(shown.count)")
    }
    return shown[Int(pts)]
  }

  /// Throws `conflict` when a packet would be shown before it is decoded.
  private func check(_ segment: Segment) throws(MediaError) {
    guard segment.packets.count == segment.samples.count else {
      throw MediaError(
        .unsupported, .encode,
        "the encoder made \(segment.packets.count) packets of \(segment.samples.count) pictures")
    }
    for (index, packet) in zip(segment.samples, segment.packets) where packet.pts < video.samples[index].dts {
      throw MediaError(.conflict, .encode, "a picture would be shown before it is decoded")
    }
    guard segment.packets.first?.isKey == true else {
      throw MediaError(.internalFault, .encode, "the first packet is no key frame")
    }
  }
}
