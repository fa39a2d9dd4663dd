internal import MediaCore

extension MediaError {
  /// `{"code":…,"stage":…,"message":…}` as it stands in report lines.
  var json: JSONValue {
    var members: [(String, JSONValue)] = [
      ("code", .string(code.rawValue)), ("stage", .string(stage.rawValue)), ("message", .string(message)),
    ]
    if let nativeStatus { members.append(("native", .int(Int(nativeStatus)))) }
    return .object(members)
  }
}

extension Finding {
  /// `{"code":…,"severity":…,"message":…}` as it stands in report lines.
  var json: JSONValue {
    .object([
      ("code", .string(code)), ("severity", .string(severity.rawValue)), ("message", .string(message)),
    ])
  }
}
