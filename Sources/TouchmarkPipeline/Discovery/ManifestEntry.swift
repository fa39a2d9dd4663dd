internal import Labels
internal import MediaCore

/// One line of a manifest: `{"input":…, "output"?:…, "produceID"?:…, "text"?:…, "payload"?:"<16 hex>"}`. A path that is not
/// UTF-8, which JSON cannot hold, stands as `inputBytes` or `outputBytes`, an array of numbers, as reports write it.
struct ManifestEntry: Sendable {
  let input: FilePath
  let output: FilePath?
  let produceID: String?
  let text: String?
  let payload: UInt64?

  static let members: Set<String> = [
    "input", "inputBytes", "output", "outputBytes", "produceID", "text", "payload",
  ]

  /// Whether a line holds white space alone.
  static func isBlank(_ line: [UInt8]) -> Bool { line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }

  /// Throws `invalidArgument`; the message continues a sentence that begins with the line's place.
  init(_ line: [UInt8]) throws(MediaError) {
    try self.init(Self.object(line), members: Self.members)
  }

  /// The members of a line's object. Throws as `init`.
  static func object(_ line: [UInt8]) throws(MediaError) -> JSONValue {
    guard line.count < LineReader.longestLine else {
      throw problem("has more than \(LineReader.longestLine) bytes; a line names one file")
    }
    do throws(JSONError) {
      let value = try JSONValue(parsing: line)
      if case .object = value { return value }
    } catch { throw problem("is not JSON: \(error)") }
    throw problem("is not a JSON object")
  }

  /// Of an object that may have `members`. Throws as `init`.
  init(_ value: JSONValue, members: Set<String>) throws(MediaError) {
    guard case .object(let object) = value else { throw Self.problem("is not a JSON object") }
    for (key, _) in object where !members.contains(key) {
      throw Self.problem(
        "has the unknown member '\(key)'; known are \(members.sorted().joined(separator: ", "))")
    }
    guard let input = try Self.path("input", in: value) else { throw Self.problem("lacks 'input'") }
    self.input = input
    output = try Self.path("output", in: value)
    produceID = try Self.string("produceID", in: value)
    text = try Self.string("text", in: value)
    payload = try Self.string("payload", in: value).map { (digits) throws(MediaError) in
      guard let bits = WatermarkPayload(hexadecimal: digits)?.bits else {
        throw Self.problem("has a 'payload' that is not 16 hexadecimal digits")
      }
      return bits
    }
  }

  private static func string(_ name: String, in value: JSONValue) throws(MediaError) -> String? {
    guard let member = value[name] else { return nil }
    guard let string = member.string, !string.isEmpty else {
      throw problem("has '\(name)' that is not a string, or empty")
    }
    if name != "text", string.utf8.contains(0) { throw problem("has '\(name)' with a NUL character") }
    return string
  }

  /// The path called `name`, by its bytes where the line has them.
  private static func path(_ name: String, in value: JSONValue) throws(MediaError) -> FilePath? {
    let text = try string(name, in: value)
    guard let member = value[name + "Bytes"] else { return text.map(FilePath.init) }
    guard case .array(let numbers) = member, !numbers.isEmpty else {
      throw problem("has '\(name)Bytes' that is not an array of bytes, or empty")
    }
    var bytes: [UInt8] = []
    for number in numbers {
      guard case .int(let value) = number, let byte = UInt8(exactly: value), byte > 0 else {
        throw problem("has '\(name)Bytes' with an element that is not 1 to 255")
      }
      bytes.append(byte)
    }
    return FilePath(bytes: bytes)
  }

  static func problem(_ what: String) -> MediaError { MediaError(.invalidArgument, .discover, what) }
}
