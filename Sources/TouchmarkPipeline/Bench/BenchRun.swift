public import MediaCore

/// Measures what labelling and verifying cost, with the pipeline that `LabelRun` and `VerifyRun` use.
public struct BenchRun: Sendable {
  /// What is measured.
  public var configuration: BenchConfiguration

  /// A benchmark; nothing happens before `callAsFunction`.
  public init(_ configuration: BenchConfiguration) { self.configuration = configuration }

  /// Measures the files that `inputs` lead to, or with nil a set made on the spot. Inputs are never changed. `progress` is
  /// called before each pass with the passes done and those to do. Throws `io`, and `invalidArgument` for a configuration
  /// against a rule or for no file to measure.
  public func callAsFunction(
    _ inputs: InputList?, cancellation: Cancellation = Cancellation(),
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(MediaError) -> BenchResult {
    try configuration.labelling(configuration.layers).validate()
    let temporary = try TemporaryFolder(in: configuration.folder)
    var result = BenchResult()
    result.runs = configuration.runs
    result.sink = configuration.sink
    var list = inputs
    if inputs == nil {
      let folder = try temporary.folder("inputs")
      try BuiltinMedia.write(to: folder, formats: configuration.formats)
      list = InputList(paths: [folder])
      result.description = BuiltinMedia.description
    } else if let paths = inputs?.paths {
      result.description = paths.map(\.description).joined(separator: " ")
    }
    let material = try BenchMaterial(list ?? InputList(paths: []), configuration)
    result.omitted = material.omitted
    var rows: [Row] = []
    for set in material.sets {
      rows += try prepare(set, temporary, &result, cancellation)
    }
    guard !rows.isEmpty || cancellation.isCancelled else {
      throw MediaError(
        .invalidArgument, .discover,
        "there is no file to measure: \(result.omitted.first?.reason ?? "nothing was found")")
    }
    try measure(&rows, cancellation, progress)
    result.machine.load.append(BenchMachine.currentLoad)
    result.isInterrupted = cancellation.isCancelled
    result.rows = result.isInterrupted ? [] : rows.compactMap(\.result)
    for row in rows {
      guard let failure = row.failure,
        !result.failures.contains(where: { $0.set == row.set && $0.task == row.pass.task })
      else { continue }
      result.failures.append((row.set, row.pass.task, failure))
    }
    return result
  }

  /// A row while it is measured.
  private struct Row {
    let set: Int
    let pass: BenchPass
    var times = 1
    var peakBytes = 0
    var costs: [BenchPass.Cost] = []
    var failure: String?

    var result: BenchRow? {
      let files = Double(times * pass.files.count)
      guard failure == nil, let speed = Spread(costs.map { files / max($0.seconds, 1e-9) }),
        let cpu = Spread(costs.map { $0.cpuSeconds * 1e3 / files }),
        let frames = Spread(costs.map { Double($0.frames) / max($0.seconds, 1e-9) })
      else { return nil }
      let whole = max(costs.reduce(0) { $0 + $1.cpuSeconds }, 1e-9)
      let steps = (costs.first?.steps ?? []).map { step, _ in
        let sum = costs.reduce(0.0) { $0 + ($1.steps.first { $0.step == step }?.value ?? 0) }
        return (step: step, share: sum / whole)
      }
      return BenchRow(
        set: set, task: pass.task, jobs: pass.jobs, files: Int(files), peakBytes: peakBytes,
        filesPerSecond: speed, cpuMilliseconds: cpu, steps: steps, framesPerSecond: frames.median)
    }
  }

  /// Labels all files of a set once, for the verifier to read; those that fail are left out. The rows of the rest.
  private func prepare(
    _ set: BenchSet, _ temporary: TemporaryFolder, _ result: inout BenchResult, _ cancellation: Cancellation
  ) throws(MediaError) -> [Row] {
    let tasks = BenchTask.all(for: set.kind, configuration)
    guard let whole = tasks.first(where: \.isWhole) else { return [] }
    let index = result.sets.count
    let folder = try temporary.folder("labelled-\(index)")
    var labelling = configuration.labelling(whole)
    labelling.sink = .disk
    let labeller = try Labeller(labelling)
    var kept = BenchSet(kind: set.kind, format: set.format)
    var labelled: [FilePath] = []
    for (number, path) in set.files.enumerated() where !cancellation.isCancelled {
      let output = folder.appending(FilePath("\(number).\(path.fileExtension)"))
      do throws(MediaError) {
        let info = try labeller.label(Job(input: path, output: output)).info
        let input = try InputFile(path)
        guard let info else { continue }
        kept.add(path, bytes: input.size, info)
        labelled.append(output)
      } catch { result.omitted.append((path, error.message)) }
    }
    guard !labelled.isEmpty else { return [] }
    result.sets.append(kept)
    let outputs = configuration.sink == .disk ? try outputs(of: kept, temporary, index) : []
    return tasks.flatMap { task in
      configuration.jobs.map { jobs in
        Row(
          set: index,
          pass: BenchPass(
            task: task, files: task.verb == .label ? kept.files : labelled,
            outputs: task.verb == .label ? outputs : [], jobs: jobs, configuration: configuration))
      }
    }
  }

  private func outputs(
    of set: BenchSet, _ temporary: TemporaryFolder, _ index: Int
  ) throws(MediaError) -> [FilePath] {
    let folder = try temporary.folder("outputs-\(index)")
    return set.files.enumerated().map { folder.appending(FilePath("\($0).\($1.fileExtension)")) }
  }

  /// A first pass of each row shows its peak of memory and how often its files must be gone through; the measured ones
  /// take turns, so that a change of load meets all rows alike.
  private func measure(
    _ rows: inout [Row], _ cancellation: Cancellation, _ progress: (Int, Int) -> Void
  ) throws(MediaError) {
    let total = rows.count * (configuration.runs + 1)
    for round in 0...configuration.runs {
      for turn in rows.indices {
        if cancellation.isCancelled { return }
        guard rows[(turn + round) % rows.count].failure == nil else { continue }
        progress(round * rows.count + turn, total)
        let index = (turn + round) % rows.count
        if round == 0 { BenchMachine.resetPeak() }
        let cost = try rows[index].pass.run(times: rows[index].times)
        rows[index].failure = cost.failure
        if round == 0 {
          rows[index].peakBytes = BenchMachine.peakBytes
          let needed = (configuration.leastSeconds / max(cost.seconds, 1e-6)).rounded(.up)
          rows[index].times = Int(min(max(needed, 1), 256))
        } else {
          rows[index].costs.append(cost)
        }
      }
    }
  }
}
