internal import Labels
internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Reads a JSON Lines manifest line by line, whatever its length.
struct Manifest: Sendable {
  /// One line: `{"input":…, "output"?:…, "produceID"?:…, "text"?:…, "payload"?:"<16 hex>"}`.
  struct Entry: Sendable {
    let input: FilePath
    let output: FilePath?
    let produceID: String?
    let text: String?
    let payload: UInt64?
  }

  /// Longest line: four paths of the system's longest with room to spare.
  static let longestLine = 64 << 10
  private static let members: Set<String> = ["input", "output", "produceID", "text", "payload"]

  private let descriptor: Int32
  private let name: String
  private var buffer: [UInt8] = []
  private var start = 0
  private var line = 0
  private var isAtEnd = false

  /// Opens `path`; `-` is standard input. Throws `io`.
  init(_ path: FilePath) throws(MediaError) {
    name = path.description
    if path == FilePath("-") {
      descriptor = 0
    } else {
      descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
      guard descriptor >= 0 else { throw .system(.discover, "cannot open manifest '\(path)'") }
    }
  }

  /// The next entry, or the error of the next line; nil at the end. Blank lines are passed over.
  mutating func next() -> Result<Entry, MediaError>? {
    while true {
      let text: [UInt8]
      do throws(MediaError) {
        guard let next = try nextLine() else { return nil }
        text = next
      } catch {
        isAtEnd = true
        return .failure(error)
      }
      if text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      do throws(MediaError) { return .success(try entry(text)) } catch { return .failure(error) }
    }
  }

  /// The place of the line last read, for an error's `input`.
  var place: FilePath { FilePath("\(name):\(line)") }

  private func entry(_ text: [UInt8]) throws(MediaError) -> Entry {
    guard text.count < Self.longestLine else {
      throw problem("has more than \(Self.longestLine) bytes; a line names one file")
    }
    let value: JSONValue
    do throws(JSONError) { value = try JSONValue(parsing: text) } catch {
      throw problem("is not JSON: \(error)")
    }
    guard case .object(let object) = value else { throw problem("is not a JSON object") }
    for (key, value) in object {
      guard Self.members.contains(key) else {
        throw problem(
          "has the unknown member '\(key)'; known are \(Self.members.sorted().joined(separator: ", "))")
      }
      guard let string = value.string, !string.isEmpty else {
        throw problem("has '\(key)' that is not a string, or empty")
      }
      if key != "text", string.utf8.contains(0) { throw problem("has '\(key)' with a NUL character") }
    }
    guard let input = value["input"]?.string else { throw problem("lacks 'input'") }
    var payload: UInt64?
    if let digits = value["payload"]?.string {
      guard let bits = WatermarkPayload(hexadecimal: digits)?.bits else {
        throw problem("has a 'payload' that is not 16 hexadecimal digits")
      }
      payload = bits
    }
    return Entry(
      input: FilePath(input), output: value["output"]?.string.map(FilePath.init),
      produceID: value["produceID"]?.string, text: value["text"]?.string, payload: payload)
  }

  private func problem(_ what: String) -> MediaError {
    MediaError(.invalidArgument, .discover, "line \(line) of manifest '\(name)' \(what)")
  }

  private mutating func nextLine() throws(MediaError) -> [UInt8]? {
    if isAtEnd { return nil }
    var searched = start
    // A line longer than allowed is read to its end, but only its beginning kept.
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0A) {
        line += 1
        defer { start = end + 1 }
        return Array(buffer[start..<end].prefix(Self.longestLine))
      }
      if buffer.count - start > Self.longestLine { buffer.removeSubrange((start + Self.longestLine)...) }
      buffer.removeSubrange(..<start)
      start = 0
      searched = buffer.count
      guard try fill() else {
        isAtEnd = true
        defer { buffer = [] }
        if buffer.isEmpty { return nil }
        line += 1
        return Array(buffer.prefix(Self.longestLine))
      }
    }
  }

  private mutating func fill() throws(MediaError) -> Bool {
    let chunk = 64 << 10
    while true {
      var status = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: chunk) { target, count in
        status = read(descriptor, target.baseAddress, chunk)
        count = max(0, status)
      }
      if status < 0 {
        if errno == EINTR { continue }
        throw .system(.discover, "cannot read manifest '\(name)'")
      }
      buffer += bytes
      return status > 0
    }
  }
}
