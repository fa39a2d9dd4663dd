internal import MediaCore

/// What a line on a worker's input asks for: a manifest line that may also hold `id`, which the result repeats as it is,
/// and `verb`.
struct WorkerJob: Sendable {
  let id: JSONValue?
  let verb: WorkerVerb
  let entry: ManifestEntry

  private static let members = ManifestEntry.members.union(["id", "verb"])

  /// Of a line's object. Throws `invalidArgument`, with a message that continues "the line …".
  init(_ object: JSONValue, default verb: WorkerVerb) throws(MediaError) {
    entry = try ManifestEntry(object, members: Self.members)
    id = object["id"]
    guard let member = object["verb"] else {
      self.verb = verb
      return
    }
    guard let verb = member.string.flatMap(WorkerVerb.init(rawValue:)) else {
      let known = WorkerVerb.allCases.map(\.rawValue).joined(separator: " or ")
      throw ManifestEntry.problem("has a 'verb' that is not \(known)")
    }
    self.verb = verb
  }
}
