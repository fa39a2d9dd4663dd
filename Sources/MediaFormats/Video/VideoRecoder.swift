internal import MediaCore

/// A track with some samples coded anew.
struct RecodedVideo {
  /// What was coded anew; empty when no frame was edited.
  let segments: [VideoReencode.Segment]
  /// Where the packets stand.
  let spool: CodedSpool
  /// How the stream is described now; nil where the source's description still holds.
  let description: Description?
  var coding: CodingPlan

  /// The description of a stream.
  enum Description {
    /// The codec's set-up record for all pictures, old and new.
    case record([UInt8])
    /// `ftyp` and `moov` of a file whose one sample entry describes the stream.
    case replaced([UInt8])
  }
}

/// Edits frames of a coded track by coding anew what they take.
struct VideoRecoder {
  let video: CodedVideo
  let input: InputFile
  let edit: FrameEdit

  /// Codes anew what `edit` reaches, into a temporary beside `output`. Throws `unsupported` for a track that cannot be
  /// edited without loss of something, `malformed` for one that cannot be decoded.
  func recode(beside output: OutputFile) throws(MediaError) -> RecodedVideo {
    var recoded = try recodeTrack(beside: output)
    recoded.coding = recoded.coding.beside(video.others, "video")
    return recoded
  }

  private func recodeTrack(beside output: OutputFile) throws(MediaError) -> RecodedVideo {
    let (record, signature) = try avc()
    let objection = video.objection ?? joinObjection(record, signature)
    let result = try recode(record, signature, objection: objection, beside: output)
    guard result.coding.method == .smart, try !holds(result) else { return result }
    return try recode(
      record, signature, objection: "the copied part did not decode as before behind the new one",
      beside: output)
  }

  private func recode(
    _ record: AVCRecord?, _ signature: [UInt8]?, objection: String?, beside output: OutputFile
  ) throws(MediaError) -> RecodedVideo {
    let plan = try VideoPlan(video, spans: edit.spans, objection: objection) { (index) throws(MediaError) in
      guard let record else { return try isAlone(video.samples[index]) }
      return H264Stream.isIDR(try bytes(of: video.samples[index]), framing(record))
    }
    let spool = try CodedSpool(beside: output)
    let isJoined = plan.coding.method == .smart
    let options = try options(record, isJoined: isJoined)
    var segments: [VideoReencode.Segment] = []
    for range in plan.segments {
      let prefix = isJoined ? prefix(record, range.lowerBound == 0 ? signature : nil) : []
      let framing = isJoined || video.isByteStream ? framing(record) : .lengths(4)
      let coder = VideoReencode(
        video: video, input: input, edit: edit, plan: plan, options: options
      ) { packet, isFirst in
        packed(packet, framing, prefix: isFirst ? prefix : [])
      }
      segments.append(try coder.code(range, into: spool))
    }
    guard segments.contains(where: \.isEdited) else {
      let coding = CodingPlan(.metadata, reason: "no frame had to be edited", frames: 0)
      return RecodedVideo(segments: [], spool: spool, description: nil, coding: coding)
    }
    return RecodedVideo(
      segments: segments, spool: spool, description: try description(segments, record, isJoined: isJoined),
      coding: plan.coding)
  }

  private func holds(_ result: RecodedVideo) throws(MediaError) -> Bool {
    var config = video.config
    if case .record(let record)? = result.description { config = record }
    let check = JunctionCheck(video: video, input: input, spool: try result.spool.file(), config: config)
    for segment in result.segments where try !check.holds(segment) { return false }
    return true
  }

  /// What the container holds of the encoder's packet; nil for the packet as it is.
  private func packed(
    _ packet: UnsafeRawBufferPointer, _ framing: UnitFraming, prefix: [[UInt8]]
  ) -> [UInt8]? {
    switch video.codec {
    case .h264: H264Stream.packed(packet, framing, prefix: prefix)
    case .hevc: HEVCStream.packed(packet)
    case .av1: AV1Stream.packed(packet)
    case .prores: video.lacksFrameMark ? Array(packet.dropFirst(CodedVideo.frameMarkBytes)) : nil
    case .vp8, .vp9, .mpeg4, .mpeg2, .mjpeg, .dnxhd, .png, .ffv1, .theora: nil
    }
  }

  private func framing(_ record: AVCRecord?) -> UnitFraming {
    video.isByteStream ? .startCodes : .lengths(record?.lengthSize ?? 4)
  }

  /// What has to stand in front of the first new picture for the copied ones: the description of the encoder that made
  /// them stays the first thing a decoder sees, and the parameter sets of a byte stream may stand in its first picture
  /// alone.
  private func prefix(_ record: AVCRecord?, _ signature: [UInt8]?) -> [[UInt8]] {
    let sets = video.isByteStream ? record.map { $0.sequenceSets + $0.pictureSets } ?? [] : []
    return sets + (signature.map { [$0] } ?? [])
  }

  /// The parameter sets of H.264, and what its encoder said of itself; nil for other codecs.
  private func avc() throws(MediaError) -> (AVCRecord?, [UInt8]?) {
    guard video.codec == .h264 else { return (nil, nil) }
    guard video.isByteStream else {
      guard let record = AVCRecord(video.config) else {
        throw MediaError(
          .malformed, .decode, "the AVC configuration record cannot be read (ISO/IEC 14496-15, 5.3.3)")
      }
      return (record, try signature(record))
    }
    guard let record = AVCRecord(byteStream: video.config) else {
      throw MediaError(.malformed, .decode, "no parameter sets stand in front of the pictures")
    }
    return (record, try signature(record))
  }

  private func signature(_ record: AVCRecord) throws(MediaError) -> [UInt8]? {
    guard let first = video.samples.first else { return nil }
    return H264Stream.signature(in: try bytes(of: first), framing(record))
  }

  /// Why the track cannot be of two encoders, if it cannot.
  private func joinObjection(_ record: AVCRecord?, _ signature: [UInt8]?) -> String? {
    guard let record else { return nil }
    // Decoders work round a fault of old x264 in 4:4:4 by the build number that the stream states for itself.
    if record.isLossless { return "H.264 without loss is coded so as a whole" }
    if record.profile == AVCRecord.predictive { return "H.264 4:4:4 is judged by its encoder as a whole" }
    if let build = signature.flatMap(H264Stream.build), build < 151 {
      return "x264 build \(build) is one that decoders make allowances for"
    }
    return record.freeID == nil ? "no parameter set id is free" : nil
  }

  /// Whether nothing in front of a sample that the container calls a point to start from is needed to decode it: neither
  /// its opacity nor the parameters of its sequence.
  private func isAlone(_ sample: VideoSample) throws(MediaError) -> Bool {
    if video.codec == .mpeg2 {
      return try input.read(min(sample.size, 4), at: sample.offset) == MPEG2Stream.sequenceHeader
    }
    guard let alpha = sample.alpha else { return true }
    return VPXStream.isKey(try input.read(min(alpha.count, 2), at: alpha.lowerBound), video.codec)
  }

  private func bytes(of sample: VideoSample) throws(MediaError) -> [UInt8] {
    try input.read(sample.size, at: sample.offset)
  }

  private func options(_ record: AVCRecord?, isJoined: Bool) throws(MediaError) -> [String] {
    guard let record else { return [] }
    let profiles: [UInt8: String] = [66: "baseline", 77: "main", 88: "main", 100: "high"]
    var options = profiles[record.profile].map { ["profile=\($0)"] } ?? []
    // Profiles below High have no blocks of 8 × 8 pixels, and would be left with whole macroblocks.
    if [66, 77, 88].contains(record.profile) { options.append("partitions=i4x4") }
    // A constant factor comes before a constant quantizer, unless it is none.
    if record.isLossless { options += ["crf=-1", "qp=0"] }
    // A byte stream tells its rate, for want of times in the container.
    let timing = video.isByteStream ? ":force-cfr=1" : ""
    // In a byte stream the container may keep the old sets, too.
    if isJoined || video.isByteStream, let id = record.freeID {
      options.append("x264-params=sps-id=\(id)\(timing)")
    }
    return options
  }

  private func description(
    _ segments: [VideoReencode.Segment], _ record: AVCRecord?, isJoined: Bool
  ) throws(MediaError) -> RecodedVideo.Description? {
    if let config = segments.first?.config, !config.isEmpty { return .record(config) }
    guard let header = segments.first?.header, !header.isEmpty else { return nil }
    guard isJoined else { return .replaced(header) }
    guard let record else { return nil }
    let records = segments.map { ISOHeader.record("avcC", in: $0.header) }
    guard let bytes = records.first ?? nil, records.allSatisfy({ $0 == bytes }), let own = AVCRecord(bytes),
      let joined = record.joined(with: own)
    else {
      throw MediaError(
        .internalFault, .encode, "the encoder's parameter sets cannot be joined with the source's")
    }
    return .record(joined.bytes)
  }
}

extension RecodedVideo.Description {
  /// The codec's set-up record for all pictures; nil for a codec that has none. Throws `internalFault` for a stream
  /// that its encoder does not describe.
  func record(of codec: VideoCodec) throws(MediaError) -> [UInt8]? {
    switch self {
    case .record(let record): return record
    case .replaced(let header):
      let names: [VideoCodec: String] = [.h264: "avcC", .hevc: "hvcC", .av1: "av1C", .mpeg4: "esds"]
      guard let name = names[codec] else { return nil }
      guard let record = ISOHeader.record(name, in: header) else {
        throw MediaError(.internalFault, .encode, "the encoder's stream has no description")
      }
      return codec == .mpeg4 ? ISOVideoTrack.decoderConfig(record) : record
    }
  }
}
