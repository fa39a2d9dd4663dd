/// A picture in memory: red, green and blue, a byte each, row by row.
public struct RGBPicture: Sendable {
  /// Pixels each way.
  public let size: PixelSize
  /// Three bytes a pixel.
  public let samples: [UInt8]

  /// A picture; there must be three samples a pixel.
  public init(size: PixelSize, samples: [UInt8]) {
    precondition(samples.count == 3 * size.pixelCount, "three samples a pixel")
    self.size = size
    self.samples = samples
  }
}

/// Sound in memory: 16-bit samples, the channels of one time together.
public struct PCMSound: Sendable {
  /// Samples a second of each channel.
  public let sampleRate: Int
  /// Channels.
  public let channels: Int
  /// The samples.
  public let samples: [Int16]

  /// Sound.
  public init(sampleRate: Int, channels: Int, samples: [Int16]) {
    self.sampleRate = sampleRate
    self.channels = channels
    self.samples = samples
  }
}

/// Moving pictures in memory, made one at a time.
public struct PlanarFilm: Sendable {
  /// Pixels each way, even numbers.
  public let size: PixelSize
  /// Pictures a second.
  public let frameRate: Int
  /// Pictures.
  public let count: Int
  /// The picture at an index below `count`: luma row by row, then Cb and Cr at half the size each way; BT.709, limited range.
  public let frame: @Sendable (Int) -> [UInt8]

  /// A film.
  public init(size: PixelSize, frameRate: Int, count: Int, frame: @escaping @Sendable (Int) -> [UInt8]) {
    self.size = size
    self.frameRate = frameRate
    self.count = count
    self.frame = frame
  }
}

/// A format that can also write a picture which was no file before.
public protocol PictureWriting: MediaFormat {
  /// Writes `picture` to `output`, coded as programs commonly do by default. Throws `io` and `internalFault`.
  func write(_ picture: RGBPicture, to output: OutputFile) throws(MediaError)
}

/// A format that can also write a film which was no file before.
public protocol FilmWriting: MediaFormat {
  /// Writes `film` to `output`, coded as services commonly do. Throws `io`, `unsupported` without an encoder, and
  /// `internalFault` for pictures of another size.
  func write(_ film: PlanarFilm, to output: OutputFile) throws(MediaError)
}

/// A format that can also write sound which was no file before.
public protocol SoundWriting: MediaFormat {
  /// Writes `sound` to `output`. Throws `io`, and `limitExceeded` for more than the format's sizes can say.
  func write(_ sound: PCMSound, to output: OutputFile) throws(MediaError)
}
