internal import MediaCore

/// A value of AMF0 at its place in the data of a script tag.
struct AMFValue {
  /// The type markers (AMF 0, 2.1).
  enum Kind: UInt8 {
    case number, bool, string, object, movieClip, null, undefined, reference, array, objectEnd, strictArray,
      date
    case longString, unsupported, recordSet, xml, typedObject, modern
  }

  let kind: Kind
  /// The bytes with the marker.
  let range: Range<Int>

  /// Whether it is made of named properties.
  var hasProperties: Bool { kind == .object || kind == .array || kind == .typedObject }
}

/// A named property of an object or array.
struct AMFProperty {
  let name: String
  /// Where its name begins, length included.
  let offset: Int
  let value: AMFValue

  /// Name and value.
  var range: Range<Int> { offset..<value.range.upperBound }
}

/// The properties of an object or array.
struct AMFProperties {
  var all: [AMFProperty] = []
  /// Where the next property would stand.
  var end: Int
}

/// Reads AMF0 from the data of a script tag.
struct AMFReader {
  let bytes: [UInt8]
  let limits: Limits

  /// The value at `offset`, its end found by stepping over all that it holds.
  func value(at offset: Int, depth: Int = 0) throws(MediaError) -> AMFValue {
    guard depth <= limits.nesting else {
      throw MediaError(
        .limitExceeded, .metadata, "script data nests deeper than the \(limits.nesting) allowed")
    }
    let marker = Int(try integer(1, at: offset))
    guard let kind = AMFValue.Kind(rawValue: UInt8(truncatingIfNeeded: marker)) else { throw broken(offset) }
    let start = offset + 1
    let end: Int
    switch kind {
    case .number: end = start + 8
    case .bool: end = start + 1
    case .string: end = start + 2 + Int(try integer(2, at: start))
    case .longString, .xml: end = start + 4 + Int(try integer(4, at: start))
    case .null, .undefined, .unsupported: end = start
    case .reference: end = start + 2
    case .date: end = start + 10
    case .object, .array, .typedObject:
      let head = try AMFValue(kind: kind, range: offset..<start).headBytes(self)
      end = try properties(from: offset + head, depth: depth + 1, visit: { _ in }).closed
    case .strictArray:
      var next = start + 4
      for _ in 0..<(try integer(4, at: start)) {
        next = try value(at: next, depth: depth + 1).range.upperBound
      }
      end = next
    case .movieClip, .objectEnd, .recordSet, .modern: throw broken(offset)
    }
    guard end <= bytes.count else { throw broken(offset) }
    return AMFValue(kind: kind, range: offset..<end)
  }

  /// The properties of an object or array, at most `limits.metadataItems`.
  func properties(of value: AMFValue) throws(MediaError) -> AMFProperties {
    var all: [AMFProperty] = []
    let start = value.range.lowerBound + (try value.headBytes(self))
    let most = limits.metadataItems
    let end = try properties(from: start, depth: 1) { (property) throws(MediaError) in
      guard all.count < most else { throw .tooMany("properties", most) }
      all.append(property)
    }
    return AMFProperties(all: all, end: end.open)
  }

  /// The values of a strict array.
  func forEachValue(of array: AMFValue, _ body: (AMFValue) throws(MediaError) -> Void) throws(MediaError) {
    var next = array.range.lowerBound + 5
    while next < array.range.upperBound {
      let value = try value(at: next, depth: 1)
      try body(value)
      next = value.range.upperBound
    }
  }

  /// An unsigned integer of `count` bytes.
  func integer(_ count: Int, at offset: Int) throws(MediaError) -> UInt64 {
    guard offset >= 0, offset + count <= bytes.count else { throw broken(offset) }
    return bytes[offset..<offset + count].reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The text of a string; nil for other values.
  func text(_ value: AMFValue) -> String? {
    switch value.kind {
    case .string: String(decoding: bytes[value.range].dropFirst(3), as: UTF8.self)
    case .longString, .xml: String(decoding: bytes[value.range].dropFirst(5), as: UTF8.self)
    default: nil
    }
  }

  /// A number; nil for other values.
  func number(_ value: AMFValue) -> Double? {
    guard value.kind == .number else { return nil }
    return Double(bitPattern: bytes[value.range].dropFirst().reduce(0) { $0 << 8 | UInt64($1) })
  }

  private func properties(
    from start: Int, depth: Int, visit: (AMFProperty) throws(MediaError) -> Void
  ) throws(MediaError) -> (open: Int, closed: Int) {
    var offset = start
    // Some encoders let the array end with the tag instead of with a marker.
    while !(depth == 1 && offset == bytes.count) {
      let length = Int(try integer(2, at: offset))
      if length == 0, try integer(1, at: offset + 2) == 9 { return (offset, offset + 3) }
      let place = offset + 2 + length
      let value = try value(at: place, depth: depth)
      let name = String(decoding: bytes[offset + 2..<min(place, offset + 2 + 256)], as: UTF8.self)
      try visit(AMFProperty(name: name, offset: offset, value: value))
      offset = value.range.upperBound
    }
    return (offset, offset)
  }

  private func broken(_ offset: Int) -> MediaError {
    MediaError(
      .malformed, .metadata, "no value of AMF0 at byte \(offset) of script data of \(bytes.count) bytes")
  }
}

extension AMFValue {
  /// Bytes in front of the first property: the marker, and the count of an array or the name of a class.
  func headBytes(_ reader: AMFReader) throws(MediaError) -> Int {
    switch kind {
    case .array: 5
    case .typedObject: 3 + Int(try reader.integer(2, at: range.lowerBound + 1))
    default: 1
    }
  }
}
