internal import CMediaIO
internal import MediaCore

/// Puts the packets of a file into another container as they are.
struct Remuxer {
  let input: InputFile
  /// libavformat's name of the container.
  let container: String
  /// Where the packets may go, the best first.
  let targets: [RemuxTarget]

  /// Writes a temporary beside `target`. Throws `unsupported` for tracks that no container here holds together, and
  /// `malformed` for packets that cannot be read or whose times contradict one another.
  func remux(beside target: FilePath) throws(MediaError) -> RemuxedFile {
    var message = [CChar](repeating: 0, count: Int(TM_VIDEO_MESSAGE))
    var handle: OpaquePointer?
    defer { tm_remuxer_close(handle) }
    let source = DemuxedInput(input)
    var status = source.withSource(container) { tm_remuxer_open(&handle, $0, &message) }
    guard status >= 0 else { throw .video(.malformed, .decode, message, status) }
    let tracks = (0..<tm_remuxer_count(handle)).map { RemuxTrack(tm_remuxer_track(handle, $0), index: $0) }
    let chosen = try choose(handle, tracks)
    for track in tracks where !chosen.carried.contains(track.index) { tm_remuxer_omit(handle, track.index) }
    let temporary = try OutputFile(target, mode: 0o600)
    var omitted: Int64 = 0
    status = FilePath(bytes: Array("file:".utf8) + temporary.temporary.bytes).withCString {
      tm_remuxer_write(handle, chosen.target.container, $0, &omitted, &message)
    }
    guard status >= 0 else { throw .video(.malformed, .encode, message, status) }
    withExtendedLifetime(source) {}
    var notes = tracks.filter { !chosen.carried.contains($0.index) }.map {
      "\($0.description) was left out: the new container has no place for it"
    }
    if omitted > 0 {
      notes.append(
        "\(omitted) pictures in front of the first that can be decoded alone were left out; no player shows them"
      )
    }
    return RemuxedFile(
      temporary: temporary,
      fileExtension: chosen.target.fileExtension(isSound: !tracks.contains { $0.kind == .video }),
      notes: notes)
  }

  /// The first container that holds all that is seen, heard and read; data and cover art may be left out.
  private func choose(
    _ handle: OpaquePointer?, _ tracks: [RemuxTrack]
  ) throws(MediaError) -> (target: RemuxTarget, carried: Set<Int32>) {
    let essence = tracks.filter { [.video, .audio, .subtitle].contains($0.kind) }
    guard let first = essence.first else {
      throw MediaError(.malformed, .decode, "the file has no track that is seen or heard")
    }
    if let vague = essence.first(where: { !$0.isDescribed }) {
      throw MediaError(
        .unsupported, .decode, "\(vague.description) has no packets near the start that tell what it is")
    }
    let isSound = essence.allSatisfy { $0.kind == .audio }
    var misfit = first
    for target in targets {
      if target == .sound, !isSound { continue }
      if target == .wave, essence.count > 1 || !first.isPCM { continue }
      let fits = { (track: RemuxTrack) in
        tm_remuxer_fits(handle, target.container, track.index) != 0
      }
      if let track = essence.first(where: { !fits($0) }) {
        misfit = track
        continue
      }
      let others = tracks.filter { $0.kind == .picture && target != .wave && fits($0) }
      return (target, Set((essence + others).map(\.index)))
    }
    throw MediaError(
      .unsupported, .encode,
      "\(misfit.description) has no place in \(targets.fileExtensions.joined(separator: ", ")); convert the file first"
    )
  }
}

/// A track of a file that is remuxed.
private struct RemuxTrack {
  enum Kind { case video, audio, subtitle, picture, data }

  let index: Int32
  let kind: Kind
  /// libavcodec's name of its coding.
  let codec: String
  let isPCM: Bool
  let isDescribed: Bool

  init(_ track: tm_track, index: Int32) {
    self.index = index
    switch track.kind {
    case TM_TRACK_VIDEO: kind = .video
    case TM_TRACK_AUDIO: kind = .audio
    case TM_TRACK_SUBTITLE: kind = .subtitle
    case TM_TRACK_PICTURE: kind = .picture
    default: kind = .data
    }
    codec = String(cString: track.codec)
    isPCM = track.is_pcm != 0
    isDescribed = track.is_described != 0
  }

  var description: String {
    let words: [Kind: String] = [
      .video: "video", .audio: "sound", .subtitle: "subtitles", .picture: "cover art", .data: "data",
    ]
    return "track \(index) (\(words[kind] ?? "") as \(codec))"
  }
}
