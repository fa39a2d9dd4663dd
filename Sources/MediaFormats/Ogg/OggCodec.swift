internal import MediaCore

/// The coding of a logical stream, told by its first packet.
struct OggCodec {
  enum Kind: String {
    case vorbis = "Vorbis"
    case opus = "Opus"
    case losslessAudio = "FLAC"
    case speex = "Speex"
    case theora = "Theora"
    /// Describes the other streams (Ogg Skeleton).
    case skeleton = "Skeleton"
    case unknown

    /// What the first packet begins with.
    var mark: [UInt8] {
      switch self {
      case .vorbis: [1] + Array("vorbis".utf8)
      case .opus: Array("OpusHead".utf8)
      case .losslessAudio: [0x7F] + Array("FLAC".utf8)
      case .speex: Array("Speex   ".utf8)
      case .theora: [0x80] + Array("theora".utf8)
      case .skeleton: Array("fishead\0".utf8)
      case .unknown: []
      }
    }

    /// What the packet of comments begins with; nil where a stream has none.
    var commentMark: [UInt8]? {
      switch self {
      case .vorbis: [3] + Array("vorbis".utf8)
      case .opus: Array("OpusTags".utf8)
      case .theora: [0x81] + Array("theora".utf8)
      // A metadata block, whose header also says how long it is.
      case .losslessAudio, .speex: []
      case .skeleton, .unknown: nil
      }
    }
  }

  let kind: Kind
  /// The first packet, at most 128 bytes of it.
  let head: [UInt8]

  init(_ packet: [UInt8]) {
    head = packet
    let kinds: [Kind] = [.vorbis, .opus, .losslessAudio, .speex, .theora, .skeleton]
    kind = kinds.first { packet.starts(with: $0.mark) } ?? .unknown
  }

  private func little(_ offset: Int, _ count: Int) -> Int {
    guard offset + count <= head.count else { return 0 }
    return head[offset..<offset + count].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private func big(_ offset: Int, _ count: Int) -> Int {
    guard offset + count <= head.count else { return 0 }
    return head[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
  }

  /// Bytes in front of the comments in their packet; nil when `packet` holds none.
  func commentStart(in packet: [UInt8]) -> Int? {
    guard let mark = kind.commentMark, packet.starts(with: mark) else { return nil }
    guard kind == .losslessAudio else { return mark.count }
    return packet.count >= 4 && packet[0] & 0x7F == 4 ? 4 : nil
  }

  var track: MediaTrack {
    switch kind {
    case .vorbis: audio(rate: little(12, 4), channels: little(11, 1))
    case .opus: audio(rate: 48000, channels: little(9, 1))
    case .speex: audio(rate: little(36, 4), channels: little(48, 4))
    case .losslessAudio: audio(rate: big(27, 3) >> 4, channels: (big(29, 1) >> 1 & 7) + 1)
    case .theora:
      MediaTrack(kind: .video, codec: kind.rawValue, size: PixelSize(width: big(14, 3), height: big(17, 3)))
    case .skeleton, .unknown: MediaTrack(kind: .data, codec: kind.rawValue)
    }
  }

  private func audio(rate: Int, channels: Int) -> MediaTrack {
    MediaTrack(kind: .audio, codec: kind.rawValue, sampleRate: rate, channels: channels)
  }

  /// Seconds up to a granule position; nil where it does not tell.
  func seconds(upTo granule: UInt64) -> Double? {
    guard granule != OggPage.noGranule else { return nil }
    if kind == .theora {
      let (rate, scale, shift) = (big(22, 4), big(26, 4), UInt64(big(40, 2) >> 5 & 31))
      guard rate > 0 else { return nil }
      let frames = (granule >> shift) &+ (granule & ((1 << shift) - 1))
      return Double(frames) * Double(scale) / Double(rate)
    }
    let rate = track.sampleRate
    // Opus decodes some samples at the beginning that are not played (RFC 7845 4.2).
    let skipped = kind == .opus ? UInt64(little(10, 2)) : 0
    return rate > 0 ? Double(granule - min(granule, skipped)) / Double(rate) : nil
  }

  /// The packet of comments `old` with `comments` in the place of its own. Zeros behind those of Opus are padding
  /// (RFC 7845 5.2), which takes up the difference.
  func packet(
    _ old: [UInt8], start: Int, comments: [UInt8], rest: ArraySlice<UInt8>
  ) throws(MediaError) -> [UInt8] {
    var packet = Array(old[..<start]) + comments
    if kind == .losslessAudio {
      let length = comments.count + rest.count
      guard length <= 0xFF_FFFF else {
        throw MediaError(
          .limitExceeded, .metadata, "comments of \(length) bytes exceed the 16 MiB of a metadata block")
      }
      packet.replaceSubrange(1..<4, with: UInt32(truncatingIfNeeded: length).bigEndianBytes.dropFirst())
    }
    guard kind == .opus, !rest.isEmpty, rest.allSatisfy({ $0 == 0 }) else { return packet + rest }
    return packet + [UInt8](repeating: 0, count: max(0, old.count - packet.count))
  }
}
