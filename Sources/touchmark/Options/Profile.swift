internal import ArgumentParser
internal import MediaCore

/// A provider's constants: a JSON object whose members are named as the options of `label`.
struct Profile {
  private static let members: Set<String> = [
    "producer", "text", "any-text", "position", "height", "font", "layers", "reserved-code1", "source-type",
    "ai-system", "ai-system-version", "ai-prompt", "ai-prompt-writer", "existing", "check", "key", "span",
    "repeat",
    "quality", "watermark-span", "cue", "cue-place", "cue-in-video", "voice",
  ]
  private let value: JSONValue

  /// Nothing set.
  init() { value = .object([]) }

  /// Throws `io` for a file that cannot be read and `ValidationError` for what is no profile.
  init(path: FilePath) throws {
    let bytes = try InputFile(path).read(1 << 16)
    do { value = try JSONValue(parsing: bytes) } catch {
      throw ValidationError("Profile '\(path)' is not JSON: \(error)")
    }
    guard case .object(let members) = value else {
      throw ValidationError("Profile '\(path)' is not a JSON object.")
    }
    for (name, _) in members where !Self.members.contains(name) {
      throw ValidationError(
        "Profile '\(path)' has the unknown member '\(name)'; known are \(Self.members.sorted().joined(separator: ", "))."
      )
    }
  }

  func string(_ name: String) throws -> String? {
    guard let member = value[name] else { return nil }
    if case .array(let values) = member { return values.compactMap(\.string).joined(separator: ",") }
    guard let text = member.string else { throw wrong(name, "a string") }
    return text
  }

  func number(_ name: String) throws -> Double? {
    switch value[name] {
    case nil: nil
    case .int(let number): Double(number)
    case .double(let number): number
    default: throw wrong(name, "a number")
    }
  }

  func bool(_ name: String) throws -> Bool? {
    guard let member = value[name] else { return nil }
    guard case .bool(let flag) = member else { throw wrong(name, "true or false") }
    return flag
  }

  func choice<Choice: RawRepresentable & CaseIterable>(_ name: String) throws -> Choice?
  where Choice.RawValue == String {
    guard let text = try string(name) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      throw wrong(name, "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return choice
  }

  private func wrong(_ name: String, _ expected: String) -> ValidationError {
    ValidationError("Profile member '\(name)' must be \(expected).")
  }
}
