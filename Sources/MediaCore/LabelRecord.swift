/// Where a label stands in the picture as displayed.
public enum LabelPosition: String, Sendable, CaseIterable {
  case topLeft = "top-left"
  case top
  case topRight = "top-right"
  case left
  case right
  case bottomLeft = "bottom-left"
  case bottom
  case bottomRight = "bottom-right"
}

/// For how long a video shows its explicit label (GB 45438-2025 5.4).
public enum LabelSpan: Sendable, Hashable {
  /// From the first frame on for so many seconds, at least 2.
  case opening(seconds: Double)
  /// All the time.
  case whole

  /// The least that 5.4 asks for.
  public static let leastSeconds = 2.0
}

/// Where else in a video the explicit label may be shown again (GB 45438-2025 5.4).
public enum LabelRepeat: String, Sendable, CaseIterable {
  case middle, end
}

/// Which frames of a video carry the watermark.
public enum WatermarkSpan: String, Sendable, CaseIterable {
  /// Those that are coded anew for the explicit label: the groups of pictures of the opening, or all where all are.
  case opening
  /// A group of pictures in every ten seconds as well.
  case spread
  /// Every frame, at the cost of coding all of them anew.
  case whole

  /// Seconds from one group to the next.
  public static let spacing = 10.0
}

/// How much of the watermark is put into sound.
public enum WatermarkLevel: String, Sendable, CaseIterable {
  /// Changes 0.7 times as large, for sound that is published as it is.
  case quiet
  case normal
  /// Changes 1.4 times as large, for speech that will go through telephones.
  case strong
}

/// What is heard of the explicit label of sound (GB 45438-2025 5.3).
public enum CueKind: String, Sendable, CaseIterable {
  /// 短长 短短, Morse for "AI" (5.3 c).
  case rhythm
  /// A spoken phrase with both elements (5.3 b).
  case voice
}

/// Where in sound the explicit label is heard (GB 45438-2025 5.3 d).
public enum CuePlace: String, Sendable, CaseIterable {
  case start, middle, end
}

/// Everything the labels of one file say: made once a file, before anything is written.
public struct LabelRecord: Sendable, Hashable {
  /// The explicit label's text (GB 45438-2025 5.2: an AI element and a generation element).
  public var text: String
  /// Where the text stands.
  public var position: LabelPosition
  /// How long a video shows it.
  public var span = LabelSpan.opening(seconds: LabelSpan.leastSeconds)
  /// Where a video shows it again, for as long.
  public var repeats: Set<LabelRepeat> = []
  /// How well frames of a video that show it are coded, as x264's constant rate factor counts: 0 best … 51.
  public var quality = usualQuality
  /// The quality by default: hardly to be told from the source.
  public static let usualQuality = 18
  /// What is heard of it in sound.
  public var cue = CueKind.rhythm
  /// The recording of a voice; nil for the phrase that comes with the label. Its words and speed are its maker's duty.
  public var voice: AudioBlock?
  /// Where it is heard: at the end by default, as speech services do it. Sound mostly trails off there, so that least is
  /// covered by it.
  public var cuePlace = CuePlace.end
  /// Whether it is heard in the sound of a video as well, which the rules do not ask for.
  public var cuesVideo = false
  /// Ink height of the text line as a fraction of the shortest side; at least 0.05 by 5.2.
  public var textHeightFraction: Double
  /// Whether a text without both elements is accepted (other regimes); recorded in the report.
  public var allowsAnyText: Bool
  /// `Label` of Annex E: "1" is, "2" may be, "3" is suspected to be generated.
  public var label: String
  /// ContentProducer: name or 27-character code, from configuration, never invented.
  public var producer: String
  /// ProduceID: unique for this content.
  public var produceID: String
  /// ReservedCode1: the producer's protection data, may be empty.
  public var reservedCode1: String
  /// ContentPropagator, empty on the producer's side.
  public var propagator: String
  /// PropagateID, empty on the producer's side.
  public var propagateID: String
  /// ReservedCode2, may be empty.
  public var reservedCode2: String
  /// IPTC digital source type, the last part of its URI: `trainedAlgorithmicMedia`.
  public var digitalSourceType: String
  /// IPTC 2025.1 AISystemUsed; empty is not written.
  public var aiSystem: String
  /// IPTC 2025.1 AISystemVersionUsed; empty is not written.
  public var aiSystemVersion: String
  /// IPTC 2025.1 AIPromptInformation; empty is not written.
  public var aiPrompt: String
  /// IPTC 2025.1 AIPromptWriterName; empty is not written.
  public var aiPromptWriter: String

  /// The key of the watermark; nil where none is embedded.
  public var watermarkKey: WatermarkKey?
  /// Which frames of a video carry the watermark.
  public var watermarkSpan = WatermarkSpan.opening
  /// How much of the watermark is put into sound.
  public var watermarkLevel = WatermarkLevel.normal
  /// The watermark's 64 bits; nil derives them from producer and ProduceID.
  public var payload: UInt64?
  /// Whether the ProduceID was made up for this file just now and the watermark's payload derives from it: no file can carry that yet, so
  /// that nothing looks for it before it is embedded.
  public var isNew = false

  /// A record; only the producer and the ProduceID have no default.
  public init(
    text: String = "AI生成", position: LabelPosition = .bottomRight, textHeightFraction: Double = 0.05,
    allowsAnyText: Bool = false, label: String = "1", producer: String, produceID: String,
    reservedCode1: String = "", propagator: String = "", propagateID: String = "", reservedCode2: String = "",
    digitalSourceType: String = "trainedAlgorithmicMedia", aiSystem: String = "",
    aiSystemVersion: String = "",
    aiPrompt: String = "", aiPromptWriter: String = ""
  ) {
    self.text = text
    self.position = position
    self.textHeightFraction = textHeightFraction
    self.allowsAnyText = allowsAnyText
    self.label = label
    self.producer = producer
    self.produceID = produceID
    self.reservedCode1 = reservedCode1
    self.propagator = propagator
    self.propagateID = propagateID
    self.reservedCode2 = reservedCode2
    self.digitalSourceType = digitalSourceType
    self.aiSystem = aiSystem
    self.aiSystemVersion = aiSystemVersion
    self.aiPrompt = aiPrompt
    self.aiPromptWriter = aiPromptWriter
  }
}

/// What a verifier looks for beyond the standard.
public struct LabelQuery: Sendable, Hashable {
  /// Further texts of explicit labels to look for, besides the standard phrases.
  public var texts: [String]
  /// Keys of watermarks to look for.
  public var keys: [WatermarkKey]
  /// Whether to look longer than a bulk run can afford.
  public var isDeep: Bool
  /// A query; the standard phrases only by default.
  public init(texts: [String] = [], keys: [WatermarkKey] = [], isDeep: Bool = false) {
    self.texts = texts
    self.keys = keys
    self.isDeep = isDeep
  }
}

extension LabelRecord {
  /// When a video of `duration` seconds shows the explicit label. One whose duration is not known shows it in the
  /// opening alone.
  public func spans(duration: Double?) -> FrameSpans {
    guard case .opening(let seconds) = span else { return .whole }
    // From before the first frame: what an edit list hides may be shown by a player that ignores it.
    var intervals = [-Double.infinity..<seconds]
    if let duration, duration > seconds {
      if repeats.contains(.middle) { intervals.append((duration - seconds) / 2..<(duration + seconds) / 2) }
      if repeats.contains(.end) { intervals.append(duration - seconds..<Double.infinity) }
    }
    return FrameSpans(intervals)
  }

  /// The frames of a video of `duration` seconds for which it is coded anew where it carries a watermark as well.
  public func spans(markedOver duration: Double?) -> FrameSpans {
    let shown = spans(duration: duration)
    switch watermarkSpan {
    case .opening: return shown
    case .whole: return .whole
    case .spread:
      guard let duration, duration.isFinite else { return .whole }
      // One frame is enough to have its group coded anew.
      let moments = stride(from: WatermarkSpan.spacing, to: min(duration, 1e6), by: WatermarkSpan.spacing)
      return FrameSpans(shown.intervals + moments.map { $0..<$0 + 0.5 })
    }
  }
}
