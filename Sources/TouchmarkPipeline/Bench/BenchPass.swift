internal import MediaCore
internal import Synchronization

/// One pass over the files of a set: the very labeller or verifier of a run, each worker with its own.
struct BenchPass {
  /// What a pass cost.
  struct Cost: Sendable {
    var seconds = 0.0
    var cpuSeconds = 0.0
    /// Processor seconds of the workers' threads by step.
    var steps: [(step: String, value: Double)] = []
    /// Frames of video that were coded anew.
    var frames = 0
    /// The first file that failed, and why.
    var failure: String?

    mutating func add(_ result: LabelResult) {
      frames += result.coding?.frames ?? 0
      add(result.cpuMilliseconds)
    }

    /// Adds milliseconds by step.
    mutating func add(_ cpuMilliseconds: [(step: String, value: Double)]) {
      for (step, value) in cpuMilliseconds {
        if let index = steps.firstIndex(where: { $0.step == step }) {
          steps[index].value += value / 1e3
        } else {
          steps.append((step, value / 1e3))
        }
      }
    }
  }

  let task: BenchTask
  let files: [FilePath]
  /// Where labelled files go when they are kept; then there is one for each of `files`.
  var outputs: [FilePath] = []
  let jobs: Int
  let configuration: BenchConfiguration

  /// Goes through the files `times` times. Throws what no file is to blame for.
  func run(times: Int = 1) throws(MediaError) -> Cost {
    let next = Atomic<Int>(0)
    let total = Mutex(Cost())
    let trouble = Mutex<MediaError?>(nil)
    let (start, cpu) = (Machine.ticks, Machine.processTicks)
    let work = try work()
    WorkerThreads.run(jobs) {
      do throws(MediaError) {
        let process = try work()
        var cost = Cost()
        while true {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < times * files.count else { break }
          process(index % files.count, &cost)
        }
        total.withLock { $0.merge(cost) }
      } catch { trouble.withLock { $0 = error } }
    }
    if let error = trouble.withLock({ $0 }) { throw error }
    var cost = total.withLock { $0 }
    cost.seconds = Double(Machine.ticks - start) / 1e9
    cost.cpuSeconds = Double(Machine.processTicks - cpu) / 1e9
    return cost
  }

  private typealias Process = (_ file: Int, inout Cost) -> Void

  /// Makes a worker's own closure over its labeller or verifier.
  private func work() throws(MediaError) -> @Sendable () throws(MediaError) -> Process {
    let budget = MemoryBudget(bytes: Machine.memory / 2)
    switch task.verb {
    case .label:
      var labelling = configuration.labelling(task)
      if !outputs.isEmpty { labelling.sink = .disk }
      try labelling.validate()
      let folders = OutputFolders()
      return { [labelling, files, outputs] () throws(MediaError) in
        let labeller = try Labeller(labelling, budget: budget, folders: folders)
        return { index, cost in
          let output = outputs.isEmpty ? nil : outputs[index]
          do throws(MediaError) {
            cost.add(try labeller.label(Job(input: files[index], output: output)))
          } catch { cost.failure = cost.failure ?? "\(files[index]): \(error.message)" }
        }
      }
    case .verify:
      let verifying = configuration.verifying(task.layers)
      return { [files] () throws(MediaError) in
        let verifier = try Verifier(verifying, budget: budget)
        return { index, cost in
          var clock = StepClock()
          let evidence = verifier.evidence(in: files[index], &clock)
          _ = verifier.judge(evidence)
          cost.add(clock.cpuLaps)
          if let failure = evidence.failure {
            cost.failure = cost.failure ?? "\(files[index]): \(failure.message)"
          }
        }
      }
    }
  }
}

extension BenchPass.Cost {
  fileprivate mutating func merge(_ other: BenchPass.Cost) {
    frames += other.frames
    failure = failure ?? other.failure
    for (step, value) in other.steps {
      if let index = steps.firstIndex(where: { $0.step == step }) {
        steps[index].value += value
      } else {
        steps.append((step, value))
      }
    }
  }
}
