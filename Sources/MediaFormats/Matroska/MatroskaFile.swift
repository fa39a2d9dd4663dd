internal import MediaCore

/// An opened Matroska or WebM file: where its elements stand, and its tags.
final class MatroskaFile: MediaFile {
  let info: MediaInfo
  let metadata: [MetadataItem]
  private let reader: HeaderReader
  private let segments: [MatroskaSegment]
  private let limits: Limits
  let heard: HeardSound
  // A walk through clusters, up to how many seconds, which looks at several windows of a film need once.
  private var walked: (track: MatroskaVideoTrack, end: Double)?
  var glanced: Result<SoundGlance, MediaError>?
  var walkedSound: Result<(track: MatroskaSoundTrack, sound: PacketSound), MediaError>?

  // Clusters are stepped over by their headers alone, so a wide window would read much of the media.
  private static let windowBytes = 128
  private static let mostSegments = 64

  init(_ input: InputFile, format: FormatID, limits: Limits) throws(MediaError) {
    let reader = HeaderReader(input, windowBytes: Self.windowBytes)
    let segments = try Self.segments(in: reader, limits: limits)
    var header = MatroskaHeader(limits: limits)
    var items: [MetadataItem] = []
    var budget = limits.indexBytes
    for (index, segment) in segments.enumerated() {
      for element in segment.elements {
        switch element.id {
        case .info, .tracks:
          // A second segment plays after the first; what it is made of is the same.
          var own = index == 0 ? header : MatroskaHeader(limits: limits)
          let count = own.items.count
          try own.read(try EBMLBuffer(element, in: reader, budget: &budget))
          items += own.items[count...]
          if index == 0 { header = own }
        case .attachments: items += try MatroskaAttachments.items(of: element, in: reader, limits: limits)
        case .tags:
          items += try Self.tags(of: EBMLBuffer(element, in: reader, budget: &budget), limits: limits)
        default: break
        }
        guard items.count <= limits.metadataItems else {
          throw .tooMany("metadata items", limits.metadataItems)
        }
      }
    }
    let isAudio =
      !header.tracks.contains { $0.kind == .video } && header.tracks.contains { $0.kind == .audio }
    var info = MediaInfo(
      format: format, kind: isAudio ? .audio : .video, duration: header.duration, tracks: header.tracks)
    info.pixelAspect = header.pixelAspect
    self.info = info
    metadata = items
    heard = HeardSound(input, container: "matroska", duration: info.duration)
    self.reader = reader
    self.segments = segments
    self.limits = limits
  }

  var truncation: MediaError? {
    do throws(MediaError) {
      for segment in segments { try segment.requireWhole(info.format, fileSize: reader.size) }
      return nil
    } catch { return error }
  }

  func write(
    to output: OutputFile, changes: MetadataChanges, edit: MediaEdit
  ) throws(MediaError) -> RewriteNotes {
    // Only a file of one segment gets here with frames or sound.
    let media = try recode(edit, beside: output)
    let blocks = media.flatMap { $0.blocks.isEmpty ? nil : $0.blocks }
    var edits = ByteEdits()
    var notes: [String] = []
    var left = changes.remove
    for (index, segment) in segments.enumerated() {
      let own = left.filter { segment.header.dataOffset..<segment.end ~= Int(truncatingIfNeeded: $0.offset) }
      left.removeAll { own.contains($0) }
      var edit = MatroskaEdit(segment, in: reader, limits: limits)
      try edit.apply(
        MetadataChanges(set: index == 0 ? changes.set : [], remove: own),
        blocks: index == 0 ? blocks : nil)
      try edit.add(to: &edits)
      notes += edit.notes
    }
    if let item = left.first {
      throw MediaError(
        .invalidArgument, .metadata,
        "no element with metadata at offset \(item.offset) to take '\(item.name)' from")
    }
    try edits.write(reader.input, to: output)
    return RewriteNotes(notes + (media?.notes ?? []), coding: media?.coding, sound: media?.sound)
  }

  private static func segments(in reader: HeaderReader, limits: Limits) throws(MediaError)
    -> [MatroskaSegment]
  {
    var segments: [MatroskaSegment] = []
    var offset = 0
    while let element = try reader.element(at: offset) {
      if element.id == .segment {
        guard segments.count < mostSegments else { throw .tooMany("segments", mostSegments) }
        let segment = try MatroskaSegment(element, in: reader, limits: limits)
        segments.append(segment)
        if segment.defect != nil || segment.cut != nil { break }
        offset = segment.end
      } else {
        guard element.length != nil, element.end <= reader.size, element.end > offset else { break }
        offset = element.end
      }
    }
    guard !segments.isEmpty else {
      throw MediaError(
        .malformed, .decode, "no segment behind the EBML header of a file of \(reader.size) bytes")
    }
    return segments
  }

  private static func tags(of buffer: EBMLBuffer, limits: Limits) throws(MediaError) -> [MetadataItem] {
    var items: [MetadataItem] = []
    var cursor = buffer.children(of: buffer.root)
    while let tag = try cursor.next() {
      guard tag.id == .tag else { continue }
      for simple in try MatroskaSimpleTag.all(of: tag, in: buffer, limits: limits) {
        items.append(simple.item(in: buffer, limits: limits))
      }
      guard items.count <= limits.metadataItems else { throw .tooMany("tags", limits.metadataItems) }
    }
    return items
  }
}

extension MatroskaFile: FrameMediaFile {
  func visitFrames(_ sampling: FrameSampling, _ visitor: FrameVisitor) throws(MediaError) {
    let end = sampling.spans.intervals.last?.upperBound ?? 0
    try VideoReading(video: try videoTrack(until: end).video, input: reader.input).visit(sampling, visitor)
  }

  /// The second look beyond what is known takes in all.
  private func videoTrack(until end: Double = .infinity) throws(MediaError) -> MatroskaVideoTrack {
    if let walked, walked.end >= end { return walked.track }
    let end = walked == nil ? end : .infinity
    let (segment, buffer, ticks) = try tracks()
    let track = try MatroskaVideoTrack(segment, until: end, tracks: buffer, ticks: ticks, input: reader.input)
    walked = (track, end)
    return track
  }

  /// The one segment, its Tracks, and its ticks a second.
  private func tracks() throws(MediaError) -> (MatroskaSegment, EBMLBuffer, Int) {
    guard segments.count == 1, let segment = segments.first, let tracks = segment.first(.tracks) else {
      throw MediaError(
        .unsupported, .decode, "\(segments.count) segments; frames of one with tracks are edited")
    }
    try segment.requireWhole(info.format, fileSize: reader.size)
    var budget = limits.indexBytes
    let buffer = try EBMLBuffer(tracks, in: reader, budget: &budget)
    var scale = 1_000_000
    if let info = segment.first(.info) {
      let fields = try EBMLBuffer(info, in: reader, budget: &budget)
      var cursor = fields.children(of: fields.root)
      while let child = try cursor.next() {
        if child.id == .timestampScale { scale = Int(truncatingIfNeeded: fields.unsigned(child) ?? 0) }
      }
    }
    // Ticks that are no whole part of a second would put times off by a little; nobody writes them for film.
    guard scale > 0, 1_000_000_000 % scale == 0 else {
      throw MediaError(
        .unsupported, .decode,
        "times are counted in ticks of \(scale) nanoseconds, of which a second is no whole number; remux the file first (`ffmpeg -i IN -map 0 -c copy OUT`)"
      )
    }
    return (segment, buffer, 1_000_000_000 / scale)
  }

  /// What was coded anew.
  private struct RecodedMedia {
    var blocks: MatroskaBlockEdit
    var coding: CodingPlan?
    var sound: CodingPlan?
    var notes: [String] = []
  }

  /// Nil where nothing is edited.
  private func recode(_ edit: MediaEdit, beside output: OutputFile) throws(MediaError) -> RecodedMedia? {
    guard !edit.parts.isEmpty else { return nil }
    var media = RecodedMedia(blocks: try MatroskaBlockEdit(segments[0], in: reader, beside: output))
    if let edit = edit.sound {
      let (track, sound) = try soundTrack()
      let recoded = try SoundRecoder(sound: sound, edit: edit).recode(beside: output)
      try media.blocks.add(recoded, in: track, of: reader.input)
      media.sound = info.kind == .video ? recoded.coding : nil
      media.coding = info.kind == .video ? nil : recoded.coding
      media.notes.append(recoded.note)
    }
    if let edit = edit.frames {
      let track = try videoTrack()
      let recoded = try VideoRecoder(video: track.video, input: reader.input, edit: edit).recode(
        beside: output)
      try media.blocks.add(recoded, in: track)
      media.coding = recoded.coding
    }
    if !media.blocks.isEmpty { try media.blocks.finish() }
    return media
  }
}

extension MatroskaFile: PacketSoundFile {
  func findSound() throws(MediaError) -> (track: MatroskaSoundTrack, sound: PacketSound) {
    let (segment, buffer, ticks) = try tracks()
    let track = try MatroskaSoundTrack(
      segment, tracks: buffer, ticks: ticks, in: reader.input, limits: limits)
    return (track, try PacketSound(track.sound, in: reader.input))
  }

  var countedSeconds: Double { limits.countedSeconds }
  var soundInput: InputFile { reader.input }

  func soundPieces() throws(MediaError) -> any SoundPieces {
    let (segment, buffer, ticks) = try tracks()
    let (input, limits) = (reader.input, limits)
    return MatroskaSoundPieces(segment: segment, ticks: ticks, input: input) {
      (clusters) throws(MediaError) in
      try MatroskaSoundTrack(
        segment, clusters: clusters, tracks: buffer, ticks: ticks, in: input, limits: limits)
    }
  }
}
