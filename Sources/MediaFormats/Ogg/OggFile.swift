internal import MediaCore

/// An opened Ogg file: its streams and their comments.
final class OggFile: HeardFile {
  let info: MediaInfo
  let metadata: [MetadataItem]
  let heard: HeardSound
  private let input: InputFile
  private let structure: OggStructure
  private let limits: Limits

  init(_ input: InputFile, format: FormatID, limits: Limits) throws(MediaError) {
    let structure = try OggStructure(input, limits: limits)
    let first = structure.streams.filter { $0.link == 0 && $0.codec.kind != .skeleton }
    // Links play one after the other.
    var seconds: [Int: Double] = [:]
    for stream in structure.streams {
      guard let end = stream.codec.seconds(upTo: stream.granule) else { continue }
      seconds[stream.link] = max(seconds[stream.link] ?? 0, end)
    }
    let isVideo = first.contains { $0.codec.kind == .theora }
    info = MediaInfo(
      format: format, kind: isVideo ? .video : .audio,
      duration: seconds.isEmpty ? nil : seconds.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value },
      tracks: first.map(\.codec.track), bitDepth: isVideo ? 8 : 16)
    var list = MetadataList(limits: limits)
    for stream in structure.streams { try Self.add(stream, of: structure, to: &list) }
    metadata = list.items
    heard = HeardSound(input, container: "ogg", duration: info.duration)
    self.input = input
    self.structure = structure
    self.limits = limits
  }

  /// The label of a chained file stands in its first link: one site a file, where a reader begins.
  private static func add(
    _ stream: OggStream, of structure: OggStructure, to list: inout MetadataList
  ) throws(MediaError) {
    var path = "\(stream.codec.kind.rawValue) comments"
    if stream.link > 0 { path += " of link \(stream.link + 1)" }
    if !stream.comments.isIntact { path += " (bad CRC)" }
    guard let comments = try stream.list(limits: list.limits) else { return }
    try comments.add(
      to: &list, path: path, isRegularPlace: stream.link == 0 && stream.comments.isIntact,
      offset: stream.comments.offset)
  }

  func write(
    to output: OutputFile, changes: MetadataChanges, edit: MediaEdit
  ) throws(MediaError) -> RewriteNotes {
    if let sound = edit.sound { return try recode(sound, to: output, changes: changes) }
    let home = try structure.home(of: changes.set)
    if home == nil, !changes.set.isEmpty {
      throw MediaError(.unsupported, .metadata, "no stream of the first link has a comment header")
    }
    let packets = try packets(changes, home: home)
    var rewriting = OggRewriting(input)
    for (index, packet) in packets {
      try rewriting.replaceComments(of: structure.streams[index], with: packet, limits: limits)
    }
    if !rewriting.isEmpty, structure.streams.contains(where: { $0.codec.kind == .skeleton }) {
      throw MediaError(
        .unsupported, .metadata,
        "an Ogg Skeleton holds offsets into the file; remux without it first (`ffmpeg -i in.ogv -c copy out.ogv`)"
      )
    }
    try rewriting.write(to: output)
    let isChained = structure.linkCount > 1 && !changes.set.isEmpty
    return RewriteNotes(
      isChained
        ? ["the file is a chain of \(structure.linkCount) streams; the label stands in the first"] : [])
  }

  /// By index of a stream its packet of comments with `changes`.
  private func packets(
    _ changes: MetadataChanges, home: Int?
  ) throws(MediaError) -> [(index: Int, packet: [UInt8])] {
    var rest = changes.remove
    var packets: [(index: Int, packet: [UInt8])] = []
    for (index, stream) in structure.streams.enumerated() {
      guard let comments = try stream.list(limits: limits) else { continue }
      let positions = Dictionary(
        comments.comments.map { (UInt64(stream.comments.offset(of: $0.lowerBound)), $0.lowerBound) },
        uniquingKeysWith: { first, _ in first })
      let own = rest.compactMap { positions[$0.offset] }
      rest.removeAll { positions[$0.offset] != nil }
      let properties = index == home ? changes.set : []
      guard !own.isEmpty || !properties.isEmpty,
        let start = stream.codec.commentStart(in: stream.comments.bytes)
      else { continue }
      let list = comments.serialized(removing: Set(own), setting: properties)
      packets.append(
        (
          index,
          try stream.codec.packet(
            stream.comments.bytes, start: start, comments: list, rest: comments.rest)
        ))
    }
    if let item = rest.first { throw .unknownSite(item) }
    return packets
  }

  /// None to one stream of Opus or Vorbis, of the channels whose order all agree on, in one link.
  func objection(toEditing part: MediaPart) -> MediaError? {
    if part == .sound, let page = structure.cut {
      // Without the set-up in front of the sound there is nothing to keep.
      return .cut(
        at: input.size, inside: "the page at offset \(page.offset)", endingAt: UInt64(page.end),
        as: heard.failure == nil ? info.format : nil)
    }
    let reason: String
    if part == .frames {
      reason = "pictures in Ogg are not coded anew; convert the film to WebM or MP4 first"
    } else if let stream = structure.streams.first, structure.streams.count == 1 {
      guard let own = Self.objection(to: stream, duration: info.duration) else { return heard.failure }
      reason = own
    } else {
      reason = "\(structure.streams.count) streams stand in the file; sound of one alone is coded anew"
    }
    return MediaError(.unsupported, .encode, reason)
  }

  private static func objection(to stream: OggStream, duration: Double?) -> String? {
    let (kind, channels) = (stream.codec.kind, stream.codec.track.channels)
    if ![.opus, .vorbis].contains(kind) {
      return "sound coded as \(stream.codec.track.codec) in Ogg is not coded anew; Opus and Vorbis are"
    }
    if channels > 2 { return "\(channels) channels of \(kind.rawValue) are not coded anew; one and two are" }
    if !stream.comments.isComplete { return "the comment header is cut off, or larger than is read" }
    return duration == nil ? "no page says where the sound ends" : nil
  }

  /// Decoders leave out pages whose sums do not hold, so that the sound ends early.
  private func cause(of error: MediaError) -> MediaError {
    guard error.code == .malformed else { return error }
    let reader = HeaderReader(input)
    var walk = OggWalk(reader)
    while let page = try? walk.next() {
      guard let bytes = try? page.bytes(reader), !page.isIntact(bytes) else { continue }
      return MediaError(
        .malformed, .decode,
        "the page at offset \(page.offset) is damaged, as its check sum tells; get the file anew, or keep what is whole: `ffmpeg -i in.\(info.format) -map 0 -c copy out.\(info.format)`",
        cause: error)
    }
    return error
  }

  private func recode(
    _ edit: AudioEdit, to output: OutputFile, changes: MetadataChanges
  ) throws(MediaError) -> RewriteNotes {
    guard let stream = structure.streams.first else { throw .soundNotCoded(info.format) }
    let packets = try packets(changes, home: try structure.home(of: changes.set))
    let spool = try CodedSpool(beside: output)
    let recoding = OggRecoding(
      input: input, stream: stream, comments: packets.first?.packet ?? stream.comments.bytes,
      head: stream.codec.head, duration: info.duration ?? 0, edit: edit)
    let result: OggRecoding.Result
    do throws(MediaError) { result = try recoding.code(into: spool) } catch { throw cause(of: error) }
    try output.copy(result.pages, of: try spool.file())
    return RewriteNotes([result.note], coding: result.coding)
  }
}
