public import ArgumentParser
internal import Labels
public import MediaCore
internal import TouchmarkPipeline
internal import Typesetting

/// What the labels say. Every option may stand in a profile instead; an option given beats it.
struct LabelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("JSON file with these options as members: a provider's constants.", valueName: "file"),
    completion: .file())
  var profile: String?
  @Option(
    help: ArgumentHelp(
      "ContentProducer: your 27-character code (TC260-PG-20252A) or name.", valueName: "code"))
  var producer: String?
  @Option(help: ArgumentHelp("Text of the explicit label (default: AI生成).", valueName: "string"))
  var text: String?
  @Flag(help: "Accept a text without the two elements of GB 45438-2025 5.2, for other regimes.")
  var anyText = false
  @Option(help: "Corner or edge of the explicit label (default: bottom-right).") var position: LabelPosition?
  @Option(
    help: ArgumentHelp(
      "Text height as a fraction of the shortest side, 0.05 or more (default: 0.05).", valueName: "fraction"))
  var height: Double?
  @Option(
    help: ArgumentHelp(
      "How long a video shows the explicit label: opening (2 seconds), whole, or seconds (default: opening).",
      valueName: "span"))
  var span: LabelSpan?
  @Option(
    name: .customLong("repeat"),
    help: ArgumentHelp("Show it again in a video's middle, end or both.", valueName: "middle,end"))
  var repeats: RepeatList?
  @Option(
    help: ArgumentHelp(
      "Which frames of a video carry the watermark: opening (those coded anew for the explicit label), spread (a group of pictures in every ten seconds as well) or whole (default: opening).",
      valueName: "span"))
  var watermarkSpan: WatermarkSpan?
  @Option(
    help: ArgumentHelp(
      "How much of the watermark is put into sound: quiet, normal or strong (default: normal).",
      valueName: "level"))
  var watermarkLevel: WatermarkLevel?
  @Option(
    help: ArgumentHelp(
      "Quality of frames coded anew in video, as x264's CRF: 0 best to 51 (default: 18).", valueName: "crf"))
  var quality: Int?
  @Option(
    help: ArgumentHelp(
      "What is heard of the explicit label in sound: rhythm, Morse for AI (default: rhythm).",
      valueName: "cue"))
  var cue: CueKind?
  @Option(
    help: ArgumentHelp("Where it is heard: start, middle or end (default: end).", valueName: "place"))
  var cuePlace: CuePlace?
  @Option(
    help: ArgumentHelp(
      "Recording of that voice instead of the one that comes with the program.", valueName: "file"),
    completion: .file())
  var voice: String?
  @Option(
    help: ArgumentHelp("Font of the explicit label instead of the embedded one.", valueName: "file"),
    completion: .file())
  var font: String?
  @Option(
    help: ArgumentHelp("Labels to embed, with commas between (default: all).", valueName: "layers"))
  var layers: LayerList?
  @Option(
    help: ArgumentHelp(
      "Watermark key (default: the one in your configuration folder, made on first use).", valueName: "file"),
    completion: .file())
  var key: String?
  @Option(help: ArgumentHelp("ReservedCode1 of the metadata label.", valueName: "string"))
  var reservedCode1: String?
  @Option(
    help: ArgumentHelp("IPTC digital source type (default: trainedAlgorithmicMedia).", valueName: "term"))
  var sourceType: String?
  @Option(help: ArgumentHelp("IPTC AI system used.", valueName: "string")) var aiSystem: String?
  @Option(help: ArgumentHelp("IPTC version of that system.", valueName: "string")) var aiSystemVersion:
    String?
  @Option(help: ArgumentHelp("IPTC prompt information.", valueName: "string")) var aiPrompt: String?
  @Option(help: ArgumentHelp("IPTC prompt writer.", valueName: "string")) var aiPromptWriter: String?

  /// Flags over `profile` over defaults. Throws `ValidationError` and `MediaError`.
  func configuration(_ profile: Profile) throws -> LabelConfiguration {
    guard let producer = try producer ?? profile.string("producer") else {
      throw ValidationError(
        "Give --producer CODE_OR_NAME: who provides the generating service (GB 45438-2025 annex E d). It is never made up."
      )
    }
    var record = LabelRecord(producer: producer, produceID: "")
    if let value = try text ?? profile.string("text") { record.text = value }
    if let value = try position ?? profile.choice("position") { record.position = value }
    if let value = try height ?? profile.number("height") { record.textHeightFraction = value }
    try setVideo(&record, profile)
    try setSound(&record, profile)
    record.allowsAnyText = try anyText || profile.bool("any-text") ?? false
    if let value = try reservedCode1 ?? profile.string("reserved-code1") { record.reservedCode1 = value }
    if let value = try sourceType ?? profile.string("source-type") { record.digitalSourceType = value }
    if let value = try aiSystem ?? profile.string("ai-system") { record.aiSystem = value }
    if let value = try aiSystemVersion ?? profile.string("ai-system-version") {
      record.aiSystemVersion = value
    }
    if let value = try aiPrompt ?? profile.string("ai-prompt") { record.aiPrompt = value }
    if let value = try aiPromptWriter ?? profile.string("ai-prompt-writer") { record.aiPromptWriter = value }
    let named = try layers?.ids ?? profile.string("layers").flatMap(LayerList.init(argument:))?.ids
    if named?.contains(WatermarkLabel.id) ?? true {
      record.watermarkKey = try WatermarkKeys.forLabelling(key ?? profile.string("key"))
    }
    var configuration = LabelConfiguration(record: record, layers: named)
    if let path = try font ?? profile.string("font") { configuration.font = try Font(path: path) }
    return configuration
  }

  private func setSound(_ record: inout LabelRecord, _ profile: Profile) throws {
    if let value = try cue ?? profile.choice("cue") { record.cue = value }
    if let value = try cuePlace ?? profile.choice("cue-place") { record.cuePlace = value }
    guard let path = try voice ?? profile.string("voice") else { return }
    guard try cue ?? profile.choice("cue") ?? .voice == .voice else {
      throw ValidationError("--voice FILE is a voice, and --cue says that none is to be heard.")
    }
    record.cue = .voice
    record.voice = try VoiceRecording.read(FilePath(path))
  }

  private func setVideo(_ record: inout LabelRecord, _ profile: Profile) throws {
    if let value = span {
      record.span = value
    } else if let text = try profile.string("span") {
      guard let value = LabelSpan(argument: text) else {
        throw ValidationError("Profile member 'span' must be opening, whole or a number of seconds.")
      }
      record.span = value
    }
    if let value = repeats {
      record.repeats = value.places
    } else if let text = try profile.string("repeat") {
      guard let value = RepeatList(argument: text) else {
        throw ValidationError("Profile member 'repeat' must be middle, end or both with a comma between.")
      }
      record.repeats = value.places
    }
    if let value = try watermarkSpan ?? profile.choice("watermark-span") { record.watermarkSpan = value }
    if let value = try watermarkLevel ?? profile.choice("watermark-level") { record.watermarkLevel = value }
    if let value = try quality ?? profile.number("quality").map({ Int($0) }) { record.quality = value }
  }
}

extension LabelPosition: ExpressibleByArgument {}
extension CueKind: ExpressibleByArgument {}
extension WatermarkSpan: ExpressibleByArgument {}
extension WatermarkLevel: ExpressibleByArgument {}
extension CuePlace: ExpressibleByArgument {}

extension LabelSpan: ExpressibleByArgument {
  /// `opening`, `whole` or seconds.
  public init?(argument: String) {
    switch argument {
    case "opening": self = .opening(seconds: Self.leastSeconds)
    case "whole": self = .whole
    default:
      guard let seconds = Double(argument), seconds > 0, seconds < 1e9 else { return nil }
      self = .opening(seconds: seconds)
    }
  }
}

/// Places with commas between.
struct RepeatList: ExpressibleByArgument {
  let places: Set<LabelRepeat>

  init?(argument: String) {
    let places = argument.split(separator: ",").map { LabelRepeat(rawValue: String($0)) }
    guard !places.isEmpty, !places.contains(nil) else { return nil }
    self.places = Set(places.compactMap { $0 })
  }
}
