internal import ArgumentParser
internal import MediaCore
internal import TouchmarkPipeline

/// How much of the machine is used.
struct MachineOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Workers side by side (default: one a core).", valueName: "n")) var jobs: Int?
  @Option(
    help: ArgumentHelp(
      "Memory for decoded pictures, all workers together, as 512M or 4G; also bounds one file.",
      valueName: "size"))
  var memory: ByteSize?

  mutating func validate() throws {
    if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs takes 1 to 1024.") }
  }

  /// Bounds on one file; nil for the standard ones.
  var limits: Limits? { memory.map { Limits(memory: $0.bytes) } }

  /// Sets what was asked for.
  func apply(to options: inout BatchOptions) {
    if let jobs { options.jobs = jobs }
    if let memory { options.memory = memory.bytes }
  }
}
