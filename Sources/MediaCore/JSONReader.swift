/// Why bytes are not JSON, and where.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Bytes before the offending one.
  public let offset: Int
  /// What was expected or which bound was exceeded.
  public let message: String
  /// `message at byte N`.
  public var description: String { "\(message) at byte \(offset)" }
}

extension JSONValue {
  /// Reads one value with nothing but white space around it. Throws for anything RFC 8259 does not allow (invalid
  /// UTF-8, lone surrogates and bare control characters included), for more than `limit` bytes, and for arrays and
  /// objects nested deeper than `depth`.
  public init(parsing bytes: [UInt8], limit: Int = 1 << 20, depth: Int = 32) throws(JSONError) {
    var reader = try JSONReader(bytes, limit: limit, depth: depth)
    self = try reader.value()
    reader.skipSpace()
    guard reader.isAtEnd else { throw reader.error("expected the end of the JSON text") }
  }

  /// Reads the value that `bytes` begin with; `end` receives the number of bytes it took. Same bounds and errors as
  /// `init(parsing:)`, but anything may follow.
  public init(
    prefixOf bytes: [UInt8], end: inout Int, limit: Int = 1 << 20, depth: Int = 32
  ) throws(JSONError) {
    var reader = try JSONReader(bytes, limit: limit, depth: depth)
    self = try reader.value()
    end = reader.index
  }
}

/// Recursive descent over bytes; `depth` bounds the recursion.
struct JSONReader {
  private let bytes: [UInt8]
  private(set) var index = 0
  private var depth: Int

  init(_ bytes: [UInt8], limit: Int, depth: Int) throws(JSONError) {
    guard bytes.count <= limit else {
      throw JSONError(
        offset: limit, message: "JSON text of \(bytes.count) bytes exceeds the \(limit) allowed")
    }
    self.bytes = bytes
    self.depth = depth
  }

  var isAtEnd: Bool { index == bytes.count }

  func error(_ message: String) -> JSONError { JSONError(offset: index, message: message) }

  mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
  }

  mutating func value() throws(JSONError) -> JSONValue {
    skipSpace()
    guard let byte = peek else { throw error("JSON text ends where a value was expected") }
    switch byte {
    case UInt8(ascii: "{"): return try nested(Self.object)
    case UInt8(ascii: "["): return try nested(Self.array)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw error("expected a JSON value")
    }
  }

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func take(_ byte: Character) -> Bool {
    guard peek == byte.asciiValue else { return false }
    index += 1
    return true
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    let length = word.utf8CodeUnitCount
    let text = UnsafeBufferPointer(start: word.utf8Start, count: length)
    guard bytes.count - index >= length, bytes[index..<index + length].elementsEqual(text) else {
      throw error("expected '\(word)'")
    }
    index += length
    return value
  }

  private mutating func nested(
    _ content: (inout JSONReader) throws(JSONError) -> JSONValue
  ) throws(JSONError) -> JSONValue {
    guard depth > 0 else { throw error("arrays and objects nest deeper than allowed") }
    depth -= 1
    index += 1
    let value = try content(&self)
    depth += 1
    return value
  }

  private static func array(_ reader: inout JSONReader) throws(JSONError) -> JSONValue {
    var values: [JSONValue] = []
    reader.skipSpace()
    if reader.take("]") { return .array(values) }
    while true {
      values.append(try reader.value())
      reader.skipSpace()
      if reader.take("]") { return .array(values) }
      guard reader.take(",") else { throw reader.error("expected ',' or ']'") }
    }
  }

  private static func object(_ reader: inout JSONReader) throws(JSONError) -> JSONValue {
    var members: [(String, JSONValue)] = []
    reader.skipSpace()
    if reader.take("}") { return .object(members) }
    while true {
      reader.skipSpace()
      guard reader.peek == UInt8(ascii: "\"") else { throw reader.error("expected a member name in quotes") }
      let name = try reader.string()
      reader.skipSpace()
      guard reader.take(":") else { throw reader.error("expected ':'") }
      members.append((name, try reader.value()))
      reader.skipSpace()
      if reader.take("}") { return .object(members) }
      guard reader.take(",") else { throw reader.error("expected ',' or '}'") }
    }
  }
}

// Numbers.
extension JSONReader {
  private mutating func digits() throws(JSONError) {
    let start = index
    while let byte = peek, (0x30...0x39).contains(byte) { index += 1 }
    guard index > start else { throw error("expected a digit") }
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = index
    var isWhole = true
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") {
      isWhole = false
      try digits()
    }
    if take("e") || take("E") {
      isWhole = false
      if !take("+") { _ = take("-") }
      try digits()
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    if isWhole, let value = Int(text) { return .int(value) }
    guard let value = Double(text), value.isFinite else {
      throw JSONError(offset: start, message: "number beyond the range of a double")
    }
    return .double(value)
  }
}

// Strings.
extension JSONReader {
  private mutating func string() throws(JSONError) -> String {
    let start = index
    index += 1
    var content: [UInt8] = []
    var run = index
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        content += bytes[run..<index]
        index += 1
        guard let text = String(validating: content, as: UTF8.self) else {
          throw JSONError(offset: start, message: "string is not valid UTF-8")
        }
        return text
      case UInt8(ascii: "\\"):
        content += bytes[run..<index]
        index += 1
        try escape(into: &content)
        run = index
      case ..<0x20: throw error("control character in a string")
      default: index += 1
      }
    }
    throw error("JSON text ends inside a string")
  }

  private mutating func escape(into content: inout [UInt8]) throws(JSONError) {
    guard let byte = peek else { throw error("JSON text ends inside a string") }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"): content += String(try scalar()).utf8
    default: throw JSONError(offset: index - 1, message: "unknown escape in a string")
    }
  }

  /// The scalar of `uXXXX`, or of a surrogate pair of two.
  private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
    let start = index
    let first = try hex()
    if let scalar = Unicode.Scalar(first) { return scalar }
    if first < 0xDC00, take("\\"), take("u") {
      let second = try hex()
      if (0xDC00...0xDFFF).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      {
        return scalar
      }
    }
    throw JSONError(offset: start, message: "lone surrogate in a string")
  }

  private mutating func hex() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("expected four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }
}
