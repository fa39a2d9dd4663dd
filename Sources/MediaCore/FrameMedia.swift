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
  /// Called with each of them in presentation order.
  public let visitor: FrameVisitor

  /// Edits.
  public init(spans: FrameSpans = .whole, quality: Int = 18, visitor: @escaping FrameVisitor) {
    self.spans = spans
    self.quality = quality
    self.visitor = visitor
  }
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
  /// Frames coded anew.
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
  /// Decodes frames of `spans` in presentation order, one and then none until `interval` seconds have passed; a still
  /// has one frame, which is in all spans. Damage is concealed where the codec can. Nothing is written.
  func visitFrames(in spans: FrameSpans, every interval: Double, _ visitor: FrameVisitor) throws(MediaError)
}

extension FrameMediaFile {
  /// Frames.
  public func canEdit(_ part: MediaPart) -> Bool { part == .frames }
}
