import Foundation

/// Measures what a picture costs with touchmark and with its rivals.
@main enum Throughput {
  static func main() {
    do {
      try run(Options(CommandLine.arguments.dropFirst()))
    } catch {
      Tool.say("throughput: \(error)")
      exit(1)
    }
  }

  private static func run(_ options: Options) throws {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let known = Jobs(touchmark: "", python: "", folder: "", cores: cores, pictures: [:]).all.map(\.name)
    let names = try options.choose(from: known)
    if options.isListing { return print(names.joined(separator: "\n")) }
    guard FileManager.default.isExecutableFile(atPath: options.touchmark) else {
      throw Failure("\(options.touchmark) is not a program; build it, or name it with --touchmark")
    }
    let corpus = try Corpus()
    let folder = try corpus.runFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // A copy, so that a build going on beside the run cannot change what is measured.
    let binary = folder + "/touchmark"
    try FileManager.default.copyItem(atPath: options.touchmark, toPath: binary)
    var pictures: [Corpus.Kind: [String]] = [:]
    for kind in Corpus.Kind.allCases {
      pictures[kind] = try corpus.fill(Jobs.input(kind, in: folder), with: kind, count: options.pictures)
    }
    let table = Jobs(
      touchmark: binary, python: options.python, folder: folder, cores: cores, pictures: pictures)
    let jobs = table.all.filter { names.contains($0.name) }
    try table.prepareLabelled()

    var machine = try Machine(options, binary: binary, cores: cores)
    let samples = try measure(jobs, options, log: folder + "/errors")
    machine.loadAfter = Machine.load
    let report = Report(machine: machine, names: names, samples: samples)
    print(report.markdown)
    if let results = options.results ?? (options.isComplete ? Tool.package + "/results" : nil) {
      try report.write(into: results)
    }
  }

  /// Every round runs every job once, in an order of its own, so that a change of load meets all alike.
  private static func measure(_ jobs: [Job], _ options: Options, log: String) throws -> [Sample] {
    var generator = SeededGenerator(seed: options.seed)
    var samples: [Sample] = []
    for round in 1...options.rounds {
      for job in jobs.shuffled(using: &generator) {
        samples.append(try job.run(round: round, log: log))
        if let output = job.output { try FileManager.default.removeItem(atPath: output) }
      }
      Tool.say("round \(round) of \(options.rounds), load \(Machine.load)")
    }
    return samples
  }
}
