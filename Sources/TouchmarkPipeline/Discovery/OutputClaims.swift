internal import MediaCore

/// Gives every input its own output: two that lead to one name, or one that leads to its own input, are refused
/// before anything is written.
struct OutputClaims: Sendable {
  private let plan: OutputPlan
  /// 128 bits of each claimed path instead of the path: a run may have millions.
  private var claimed = DigestSet()
  private let inputs: Set<FileStatus.Identity>

  /// `inputs` are the files named one by one, none of which may be written over.
  init(_ plan: OutputPlan, inputs: Set<FileStatus.Identity>) {
    self.plan = plan
    self.inputs = inputs
  }

  /// The output of the file found at `relative` below its folder, or of a manifest's `named` output.
  /// Throws `conflict` and `invalidArgument`.
  mutating func output(
    for input: FilePath, relative: FilePath, named: FilePath?, status: FileStatus
  ) throws(MediaError) -> FilePath? {
    switch plan {
    case .none: return nil
    case .inPlace:
      if named != nil {
        throw MediaError(
          .invalidArgument, .discover, "an output is named, but files are labelled in place; use --output")
      }
      try claim(PathDigest(status.identity), of: input)
      // Once it is labelled the path leads to another file.
      if let path = input.resolved { try claim(PathDigest(path), of: input) }
      return nil
    case .folder(let folder):
      let target = try Self.target(folder, relative, named)
      try claim(PathDigest(target), of: target)
      try protect(target, input: status.identity)
      return target
    }
  }

  /// Claims another name that the file may come out under. Throws `conflict`.
  mutating func claim(_ target: FilePath, input: FileStatus.Identity) throws(MediaError) {
    try claim(PathDigest(target), of: target)
    try protect(target, input: input)
  }

  /// The path of an output named `named` or else `relative` below `folder`. Throws `invalidArgument` where it would leave it.
  static func target(
    _ folder: FilePath, _ relative: FilePath, _ named: FilePath?
  ) throws(MediaError) -> FilePath {
    let below = named ?? relative
    if below.isAbsolute, named != nil { return below }
    guard !below.components.contains([0x2E, 0x2E]), !below.components.isEmpty else {
      throw MediaError(
        .invalidArgument, .discover,
        "'\(below)' would leave the output folder; give the line an 'output' without '..'")
    }
    return below.components.reduce(folder) { $0.appending(FilePath(bytes: $1)) }
  }

  private mutating func claim(_ digest: PathDigest, of path: FilePath) throws(MediaError) {
    guard claimed.insert(digest) else {
      throw MediaError(
        .conflict, .discover, "another input of this run is written to '\(path)'; give each its own output")
    }
  }

  private func protect(_ target: FilePath, input: FileStatus.Identity) throws(MediaError) {
    guard let existing = try? FileStatus(target) else { return }
    if existing.identity == input {
      throw MediaError(.conflict, .discover, "the output '\(target)' is the input itself; use --in-place")
    }
    if inputs.contains(existing.identity) {
      throw MediaError(.conflict, .discover, "the output '\(target)' is another input of this run")
    }
    if existing.kind == .folder {
      throw MediaError(.conflict, .discover, "the output '\(target)' is a folder")
    }
  }
}
