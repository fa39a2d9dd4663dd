/// Whether a file is looked at, listened to, or both.
public enum MediaKind: String, Sendable, CaseIterable {
  case image, audio, video
}

/// One track of an audio or video file.
public struct MediaTrack: Sendable, Hashable {
  /// What a track holds.
  public enum Kind: String, Sendable {
    case video, audio, subtitle, data
  }

  /// What it holds.
  public let kind: Kind
  /// The coding as the container names it, for people and reports: `avc1`, `V_VP9`, `mp4a`, `opus`.
  public let codec: String
  /// Stored size of the picture; zero for other kinds.
  public let size: PixelSize
  /// Samples a second of each channel; zero for other kinds.
  public let sampleRate: Int
  /// Channels; zero for other kinds.
  public let channels: Int

  /// A track.
  public init(
    kind: Kind, codec: String, size: PixelSize = PixelSize(width: 0, height: 0), sampleRate: Int = 0,
    channels: Int = 0
  ) {
    self.kind = kind
    self.codec = codec
    self.size = size
    self.sampleRate = sampleRate
    self.channels = channels
  }

  /// `avc1 1280x720`, `mp4a 48000 Hz 2 ch`.
  public var summary: String {
    switch kind {
    case .video: "\(codec) \(size)"
    case .audio: "\(codec) \(sampleRate) Hz \(channels) ch"
    case .subtitle, .data: "\(codec) \(kind.rawValue)"
    }
  }
}

/// What an opened file says of itself before anything is decoded.
public struct MediaInfo: Sendable, Hashable {
  /// The container's id in the format table.
  public let format: FormatID
  /// What it is presented as.
  public let kind: MediaKind
  /// Stored size of the picture; zero for audio.
  public let size: PixelSize
  /// How the stored picture is shown.
  public let orientation: Orientation
  /// Bits per sample as stored.
  public let bitDepth: Int
  /// The coding in words for people: `progressive YCbCr 4:2:0`, `RGBA 16-bit interlaced`, `avc1 1280x720, mp4a 48000 Hz 2 ch`.
  public let coding: String
  /// How wide a stored pixel is shown, of its height; 1 for square ones.
  public var pixelAspect = 1.0
  /// Presentation time in seconds; nil for stills and where the container does not say.
  public let duration: Double?
  /// The tracks in the order of the file; empty for stills.
  public let tracks: [MediaTrack]

  /// What an opened file says of itself.
  public init(
    format: FormatID, kind: MediaKind, size: PixelSize, orientation: Orientation = .up, bitDepth: Int = 8,
    coding: String = ""
  ) {
    self.format = format
    self.kind = kind
    self.size = size
    self.orientation = orientation
    self.bitDepth = bitDepth
    self.coding = coding
    duration = nil
    tracks = []
  }

  /// What an audio or video file says of itself; `size` is that of the first video track.
  public init(
    format: FormatID, kind: MediaKind, duration: Double?, tracks: [MediaTrack],
    orientation: Orientation = .up,
    bitDepth: Int = 8
  ) {
    self.format = format
    self.kind = kind
    size = tracks.first { $0.kind == .video }?.size ?? PixelSize(width: 0, height: 0)
    self.orientation = orientation
    self.bitDepth = bitDepth
    coding = tracks.map(\.summary).joined(separator: ", ")
    self.duration = duration
    self.tracks = tracks
  }

  /// Size as displayed, in stored pixels turned upright.
  public var displaySize: PixelSize { orientation.displaySize(ofStored: size) }
  /// How wide a pixel is shown, of its height, once the picture is upright.
  public var displayPixelAspect: Double {
    let isTurned = orientation.displaySize(ofStored: PixelSize(width: 2, height: 1)).height == 2
    return isTurned ? 1 / pixelAspect : pixelAspect
  }
  /// Size as displayed, in units of the height of a pixel: what the size rule of an explicit label refers to.
  public var shownSize: PixelSize {
    let width = Double(displaySize.width) * displayPixelAspect
    return PixelSize(width: Int(min(width, 0x1p24).rounded()), height: displaySize.height)
  }
}
