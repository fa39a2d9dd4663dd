public import ArgumentParser
public import TouchmarkPipeline

/// How labelled files are written.
struct WritingOptions: ParsableArguments {
  @Option(help: "What to do with a file that is labelled already.") var existing: ExistingPolicy?
  @Option(help: "What to read back before an output gets its name.") var check: CheckLevel?
  @Option(
    help: ArgumentHelp(
      "When outputs reach the disk: before many get their names (batch, the default of label), before each does (file, of worker), or not waited for (none).",
      valueName: "policy"))
  var sync: SyncPolicy?

  /// Sets what was asked for, here or in `profile`.
  func apply(to configuration: inout LabelConfiguration, _ profile: Profile) throws {
    configuration.existing = try existing ?? profile.choice("existing") ?? .skip
    configuration.check = try check ?? profile.choice("check") ?? .metadata
    if let sync { configuration.sync = sync }
  }
}

extension ExistingPolicy: ExpressibleByArgument {}
extension CheckLevel: ExpressibleByArgument {}
extension SyncPolicy: ExpressibleByArgument {}
