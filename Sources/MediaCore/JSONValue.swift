/// A JSON value (RFC 8259) that keeps what a dictionary loses: the order of members, and members that stand twice.
public enum JSONValue: Sendable {
  case null
  case bool(Bool)
  /// A number without fraction or exponent that fits.
  case int(Int)
  /// Any other number; written as `null` when it is not finite, since JSON has no such number.
  case double(Double)
  case string(String)
  case array([JSONValue])
  /// Members as they stand, repetitions included.
  case object([(String, JSONValue)])

  /// The value of the first member called `name`; nil for none, and for what is not an object.
  public subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.0 == name }?.1
  }

  /// The text of a string; nil for any other value.
  public var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// `value` with at most `digits` (0 … 9) digits after the point: measurements need no more in a report.
  public static func rounded(_ value: Double, digits: Int) -> JSONValue {
    var scale = 1.0
    for _ in 0..<max(0, min(digits, 9)) { scale *= 10 }
    let result = (value * scale).rounded() / scale
    return .double(result.isFinite ? result : value)
  }
}

// Tuples are not `Equatable`, so the conformance is not derived.
extension JSONValue: Equatable {
  /// Equal in kind, content and order of members; an `int` never equals a `double`.
  public static func == (a: JSONValue, b: JSONValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.int(let a), .int(let b)): a == b
    case (.double(let a), .double(let b)): a == b
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.0.utf8.elementsEqual($1.0.utf8) && $0.1 == $1.1 }
    default: false
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// An integer.
  public init(integerLiteral value: Int) { self = .int(value) }
}
