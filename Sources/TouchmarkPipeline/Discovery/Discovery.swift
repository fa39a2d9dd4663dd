public import MediaCore

/// Turns inputs into jobs, lazily: the manifest's lines, then the files and folders named.
public struct Discovery: Sendable {
  private var walk: FolderWalk
  private var manifest: Manifest?
  private var claims: OutputClaims
  /// Digests of the ProduceIDs that the manifest gives: it may have millions of lines.
  private var givenIDs = DigestSet()
  private let shard: Shard
  /// Whether outputs are named, so that they and not the inputs decide about the shard.
  private let hasOutputs: Bool
  private var isManifestCutShort = false
  private let formats: FormatTable
  private let remuxes: Bool

  /// Throws `io` when the manifest cannot be opened and `invalidArgument` when the output folder is an input. With
  /// `remuxes` the names of all that a file may be remuxed to are its own. A wait for a manifest that comes through a pipe
  /// ends when cancelled.
  public init(
    _ inputs: InputList, plan: OutputPlan, formats: FormatTable, remuxes: Bool = false,
    cancellation: Cancellation = Cancellation()
  ) throws(MediaError) {
    self.formats = formats
    self.remuxes = remuxes
    shard = inputs.shard
    if case .folder = plan { hasOutputs = true } else { hasOutputs = false }
    var excluded: FileStatus.Identity?
    var named: Set<FileStatus.Identity> = []
    if case .folder(let folder) = plan { excluded = (try? FileStatus(folder))?.identity }
    for path in inputs.paths {
      guard let status = try? FileStatus(path) else { continue }
      named.insert(status.identity)
      if status.identity == excluded {
        throw MediaError(
          .invalidArgument, .discover,
          "'\(path)' is both input and output folder; give another output or use --in-place")
      }
    }
    walk = FolderWalk(
      inputs.paths, extensions: formats.extensions, excluded: excluded, shard: inputs.shard)
    manifest = try inputs.manifest.map { (path) throws(MediaError) in
      try Manifest(path, cancellation: cancellation)
    }
    claims = OutputClaims(plan, inputs: named)
  }

  /// Files in folders that were passed over so far: hidden ones, and those whose extension no format has.
  public var ignored: Int { walk.ignored }

  /// Whether `next` would return without waiting for a manifest that is still being written.
  public var isReady: Bool { manifest?.isReady ?? true }

  /// Whether a cancellation came while the manifest was waited for.
  public var isCutShort: Bool { isManifestCutShort }

  /// The next job, failure or omission; nil at the end.
  public mutating func next() -> Discovered? {
    while let line = manifest?.next() { if let found = job(line) { return found } }
    if manifest?.isCutShort == true { isManifestCutShort = true }
    if isManifestCutShort { return nil }
    manifest = nil
    switch walk.next() {
    case nil: return nil
    case .failure(let path, let error): return .failure(input: path, output: nil, error: error)
    case .skipped(let path, let reason): return .skipped(input: path, reason: reason)
    case .file(let file):
      do throws(MediaError) {
        let output = try claims.output(
          for: file.path, relative: file.relative, named: nil, status: file.status)
        try claimRemuxed(output, of: file.path, status: file.status)
        return .job(Job(input: file.path, output: output, size: file.status.size))
      } catch { return .failure(input: file.path, output: nil, error: error) }
    }
  }

  private mutating func claimRemuxed(
    _ output: FilePath?, of input: FilePath, status: FileStatus
  ) throws(MediaError) {
    guard remuxes, let output else { return }
    for name in Labeller.remuxedNames(output, of: input, formats: formats) where name != output {
      try claims.claim(name, input: status.identity)
    }
  }

  /// What a line leads to; nil when it belongs to another shard.
  private mutating func job(_ line: Result<ManifestEntry, MediaError>) -> Discovered? {
    switch line {
    case .failure(let error):
      guard shard.owns(line: manifest?.line ?? 0) else { return nil }
      return .failure(input: manifest?.place ?? FilePath("-"), output: nil, error: error)
    case .success(let entry):
      let relative = entry.input.isAbsolute ? FilePath(bytes: entry.input.name) : entry.input
      // Numbers of other shards' files are taken as well.
      let isRepeated =
        entry.produceID.map { !givenIDs.insert(PathDigest(text: $0)) } ?? false
      guard shard.owns(hasOutputs ? entry.output ?? relative : entry.input) else { return nil }
      do throws(MediaError) {
        if isRepeated, let id = entry.produceID {
          throw MediaError(
            .conflict, .discover,
            "produceID '\(id)' is given to another input as well; it must be unique (GB 45438-2025 annex E e)"
          )
        }
        let status = try FileStatus(entry.input)
        let output = try claims.output(
          for: entry.input, relative: relative, named: entry.output, status: status)
        try claimRemuxed(output, of: entry.input, status: status)
        return .job(
          Job(
            input: entry.input, output: output, size: status.size, produceID: entry.produceID,
            text: entry.text, payload: entry.payload))
      } catch { return .failure(input: entry.input, output: entry.output, error: error) }
    }
  }
}
