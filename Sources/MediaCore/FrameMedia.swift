/// Which frames of a file with a time line are edited: those shown in any of some intervals of presentation time.
public struct FrameSpans: Sendable, Hashable {
  /// Seconds from the first frame shown, `upperBound` excluded; sorted, without overlap.
  public let intervals: [Range<Double>]

  /// Spans; overlapping ones are joined.
  public init(_ intervals: [Range<Double>]) {
    var joined: [Range<Double>] = []
    for interval in intervals.sorted(by: { $0.lowerBound < $1.lowerBound }) where !interval.isEmpty {
      if let last = joined.last, interval.lowerBound <= last.upperBound {
        joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, interval.upperBound)
      } else {
        joined.append(interval)
      }
    }
    self.intervals = joined
  }

  /// Every frame.
  public static let whole = FrameSpans([-Double.infinity..<Double.infinity])

  /// Whether a frame shown at `time` is one of them.
  public func contains(_ time: Double) -> Bool { intervals.contains { $0.contains(time) } }
}

/// Edits to the frames of a file. All other coded frames of a time line and all timestamps are copied.
public struct FrameEdit {
  /// The frames that `visitor` is handed; a still has one, which is in all spans.
  public let spans: FrameSpans
  /// How well edited frames are coded, as x264's constant rate factor counts: 0 best … 51; each codec maps it to its own.
  /// Stills keep the quality they have.
  public let quality: Int
  /// Whether `visitor` is handed frames outside of `spans` as well, where they are coded anew for the sake of others.
  public let visitsAllCoded: Bool
  /// Whether `visitor` changes samples all over a frame, so that nothing is gained by looking for parts that can stay as they are
  /// stored.
  public let isThroughout: Bool
  /// Called with each of them in presentation order; from the first again where coding has to begin anew.
  public let visitor: FrameVisitor

  /// Edits.
  public init(
    spans: FrameSpans = .whole, quality: Int = 18, visitsAllCoded: Bool = false,
    isThroughout: Bool = false, visitor: @escaping FrameVisitor
  ) {
    self.spans = spans
    self.quality = quality
    self.visitsAllCoded = visitsAllCoded
    self.isThroughout = isThroughout
    self.visitor = visitor
  }
}

/// Which frames of a file are decoded to be looked at.
public struct FrameSampling: Sendable, Hashable {
  /// When they are shown.
  public let spans: FrameSpans
  /// Seconds from one to the next at least.
  public let interval: Double
  /// Whether only pictures are taken that can be decoded alone, which costs the decoding of no other.
  public let keyFramesOnly: Bool
  /// How many are taken at most.
  public let limit: Int
  /// What is decoded of each ahead of what is asked for.
  public let reading: FrameReading

  /// A choice of frames.
  public init(
    _ spans: FrameSpans, every interval: Double, keyFramesOnly: Bool = false, limit: Int = .max,
    reading: FrameReading = .all
  ) {
    self.spans = spans
    self.reading = reading
    self.interval = interval
    self.keyFramesOnly = keyFramesOnly
    self.limit = limit
  }
}

/// What will be read of a frame; a codec may leave the rest until it is asked for.
public enum FrameReading: Sendable {
  case all
  /// The luma, where it stands by itself.
  case luma
  /// Of blocks of coefficients the first ones (`CoefficientFrame.readFirst`).
  case first
}

/// How much of a track had to be coded anew.
public struct CodingPlan: Sendable, Hashable {
  /// What is done with the coded frames.
  public enum Method: String, Sendable {
    /// All are copied.
    case metadata
    /// The groups of pictures that an edit reaches are coded anew, the others copied.
    case smart
    /// All are coded anew.
    case full
  }

  /// What is done.
  public let method: Method
  /// Why not less.
  public let reason: String
  /// Frames coded anew; of sound, packets.
  public let frames: Int

  /// A plan.
  public init(_ method: Method, reason: String, frames: Int) {
    self.method = method
    self.reason = reason
    self.frames = frames
  }
}

/// A file whose frames can be decoded and edited: the one of a still, or those of a time line.
public protocol FrameMediaFile: MediaFile {
  /// Decodes the frames of `sampling` in presentation order; a still has one frame, which is in all spans. Damage is
  /// concealed where the codec can. Nothing is written.
  func visitFrames(_ sampling: FrameSampling, _ visitor: FrameVisitor) throws(MediaError)
}

extension FrameMediaFile {
  /// Decodes frames of `spans`, one and then none until `interval` seconds have passed.
  public func visitFrames(
    in spans: FrameSpans, every interval: Double, _ visitor: FrameVisitor
  ) throws(MediaError) {
    try visitFrames(FrameSampling(spans, every: interval), visitor)
  }

  /// None to frames; a picture has no sound.
  public func objection(toEditing part: MediaPart) -> MediaError? {
    guard part == .sound else { return nil }
    return MediaError(.unsupported, .encode, "\(info.format) files have no sound")
  }
}
