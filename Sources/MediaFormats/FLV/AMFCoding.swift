internal import MediaCore

extension AMFReader {
  /// The value as JSON: an object that stands where the text of one is expected.
  func json(_ value: AMFValue) throws(MediaError) -> JSONValue {
    switch value.kind {
    case .string, .longString, .xml: return .string(text(value) ?? "")
    case .number:
      let number = number(value) ?? 0
      return Int(exactly: number).map(JSONValue.int) ?? .double(number)
    case .bool: return .bool(bytes[value.range.lowerBound + 1] != 0)
    case .object, .array, .typedObject:
      var members: [(String, JSONValue)] = []
      for property in try properties(of: value).all {
        members.append((property.name, try json(property.value)))
      }
      return .object(members)
    case .strictArray:
      var values: [JSONValue] = []
      try forEachValue(of: value) { (value) throws(MediaError) in values.append(try json(value)) }
      return .array(values)
    default: return .null
    }
  }
}

/// Spells AMF0.
enum AMFWriting {
  /// A name as it stands in front of a value; names longer than 65535 bytes are cut.
  static func name(_ name: String) -> [UInt8] {
    let bytes = name.utf8.prefix(0xFFFF)
    return UInt16(truncatingIfNeeded: bytes.count).bigEndianBytes + bytes
  }

  /// A string, or a long string where one is needed.
  static func string(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    guard bytes.count > 0xFFFF else { return [2] + UInt16(bytes.count).bigEndianBytes + bytes }
    return [12] + UInt32(truncatingIfNeeded: bytes.count).bigEndianBytes + bytes
  }

  /// An array of properties that are spelled already.
  static func array(_ properties: [[UInt8]]) -> [UInt8] {
    [8] + UInt32(truncatingIfNeeded: properties.count).bigEndianBytes + properties.flatMap { $0 } + [0, 0, 9]
  }
}
