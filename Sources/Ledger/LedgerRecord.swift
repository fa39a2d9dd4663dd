public import MediaCore

/// What a provider keeps of one labelled file. Texts are empty where there is nothing to say.
public struct LedgerRecord: Sendable, Hashable {
  /// Whether the output that the record is of is still the last one at its path.
  public enum State: String, Sendable, CaseIterable {
    case current
    /// A later run has put another file at the path; this one may still be in the world.
    case replaced
  }

  /// How the record came about.
  public enum Origin: String, Sendable, CaseIterable {
    /// By the run that labelled the file.
    case run
    /// By a later run with `--resume`, from the output that a killed run had left.
    case resume
  }

  /// When the file was labelled.
  public var time: Timestamp
  /// ProduceID of Annex E.
  public var produceID: String
  /// ContentProducer of Annex E.
  public var producer: String
  /// The watermark's bits as reports write them: 16 hexadecimal digits in lower case, 8 in sound under 10 s; empty where none
  /// was embedded.
  public var payload: String
  /// Lower-case hexadecimal SHA-256 of the input.
  public var inputDigest: String
  /// Lower-case hexadecimal SHA-256 of the output.
  public var outputDigest: String
  /// What the output looks like; nil for sound and for pictures with too little in them.
  public var perceptualHash: PerceptualHash?
  /// The generating system and its version, as far as they were given.
  public var model: String
  /// The AIGC field as written.
  public var metadata: String
  /// What was drawn or made heard, as JSON: text, position, height, box; or cue.
  public var explicit: String
  /// Labels that were embedded, in the order of the table.
  public var layers: [LabelID]
  /// Who received the file without an explicit label (Labelling Measures, Article 9).
  public var recipient: String
  /// The agreement under which (Article 9).
  public var agreement: String
  /// What was read back before the output got its name: `none`, `metadata`, `full`.
  public var check: String
  /// The input's path, absolute.
  public var input: FilePath
  /// The output's path, absolute.
  public var output: FilePath
  /// The format's id.
  public var format: FormatID
  /// What the file holds.
  public var media: MediaKind
  /// Stored size of the picture; zero for sound.
  public var size: PixelSize
  /// Whether it is the last one at its path.
  public var state = State.current
  /// How it came about.
  public var origin = Origin.run

  /// A record of the given file; everything else is empty.
  public init(
    time: Timestamp, produceID: String, producer: String, outputDigest: String, input: FilePath,
    output: FilePath, format: FormatID, media: MediaKind
  ) {
    self.time = time
    self.produceID = produceID
    self.producer = producer
    self.outputDigest = outputDigest
    self.input = input
    self.output = output
    self.format = format
    self.media = media
    payload = ""
    inputDigest = ""
    perceptualHash = nil
    model = ""
    metadata = ""
    explicit = ""
    layers = []
    recipient = ""
    agreement = ""
    check = ""
    size = PixelSize(width: 0, height: 0)
  }
}

extension LedgerRecord {
  /// One object; what is empty is left out.
  public var json: JSONValue {
    var members: [(String, JSONValue)] = [
      ("produceID", .string(produceID)), ("producer", .string(producer)),
      ("time", .string(time.description)),
    ]
    func add(_ name: String, _ text: String) { if !text.isEmpty { members.append((name, .string(text))) } }
    add("payload", payload)
    let digests = [("input", inputDigest), ("output", outputDigest)].filter { !$0.1.isEmpty }
    members.append(("sha256", .object(digests.map { ($0.0, .string($0.1)) })))
    add("perceptualHash", perceptualHash?.description ?? "")
    members += [("media", .string(media.rawValue)), ("format", .string(format.rawValue))]
    if size.width > 0 { members.append(("size", .array([.int(size.width), .int(size.height)]))) }
    members.append(("layers", .array(layers.map { .string($0.rawValue) })))
    for (name, text) in [("aigc", metadata), ("explicitLabel", explicit)] where !text.isEmpty {
      members.append((name, (try? JSONValue(parsing: Array(text.utf8))) ?? .string(text)))
    }
    add("model", model)
    add("recipient", recipient)
    add("agreement", agreement)
    add("check", check)
    for (name, path) in [("input", input), ("output", output)] where !path.bytes.isEmpty {
      members.append((name, .string(path.description)))
      // A name that is not UTF-8 cannot stand in JSON; its bytes can.
      if !path.isText { members.append((name + "Bytes", .array(path.bytes.map { .int(Int($0)) }))) }
    }
    members += [("state", .string(state.rawValue)), ("origin", .string(origin.rawValue))]
    return .object(members)
  }
}
