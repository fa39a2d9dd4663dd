internal import MediaCore

extension Labeller {
  /// Puts a file into a container that has a place for the label, and labels that one.
  func remux(
    _ file: any RemuxableFile, as format: FormatDescriptor, input: InputFile, job: Job, result: LabelResult,
    clock: StepClock
  ) throws(MediaError) -> LabelResult {
    guard configuration.remuxes else { throw file.refusal }
    guard let named = job.output else {
      throw MediaError(
        .invalidArgument, .label,
        "a \(format.id) file gets another container and another name with --remux; give --output instead of --in-place"
      )
    }
    var (result, clock) = (result, clock)
    result.remuxedFrom = format.id
    if configuration.isDryRun {
      result.status = .planned
      result.notes.append(
        "it would be remuxed to \(format.remuxExtensions.joined(separator: " or ")), as its tracks allow")
      return result
    }
    try folders.prepare(for: named)
    let remuxed = try file.remux(beside: named)
    let copy = try InputFile(remuxed.temporary.temporary)
    let opened = try Self.probe(copy, configuration.formats)
      .open(copy, limits: configuration.limits, scratch: scratch)
    clock.lap("remux")
    let target = format.remuxedName(named, fileExtension: remuxed.fileExtension)
    result.output = target
    result.info = opened.info
    result.notes += remuxed.notes + Self.losses(from: file, to: opened, labels: result.existing)
    if exclusiveLabels(in: opened).isEmpty {
      result.notes += result.existing.map {
        "the label in \($0.site?.path ?? "the metadata") was left behind"
      }
    }
    result = try label(opened, input: input, job: job.writing(to: target), result: result, clock: clock)
    withExtendedLifetime(remuxed) {}
    return result
  }

  /// Tags whose values the new container does not carry; an old label is reported on its own.
  private static func losses(
    from before: any MediaFile, to after: any MediaFile, labels: [Detection]
  ) -> [String] {
    let old = sites(of: labels, in: before.metadata)
    let kept = Set(after.metadata.map(\.value))
    let lost = before.metadata.filter { !old.contains($0) && ($0.value.isEmpty || !kept.contains($0.value)) }
    let names = lost.map(\.path)
    guard !names.isEmpty else { return [] }
    let most = 8
    let more = names.count > most ? " and \(names.count - most) more" : ""
    return [
      "tags that the new container does not carry: \(names.prefix(most).joined(separator: ", "))\(more)"
    ]
  }

  /// What a file that is to be written to `output` may be called instead, as far as its name tells.
  static func remuxedNames(_ output: FilePath, of input: FilePath, formats: FormatTable) -> [FilePath] {
    let name = input.fileExtension
    guard let format = formats.formats.map(\.descriptor).first(where: { $0.extensions.contains(name) }) else {
      return []
    }
    return format.remuxExtensions.map { format.remuxedName(output, fileExtension: $0) }
  }
}

extension Job {
  /// The same work with a ProduceID.
  func numbered(_ produceID: String) -> Job {
    Job(input: input, output: output, size: size, produceID: produceID, text: text, payload: payload)
  }

  /// The same work with another output.
  func writing(to output: FilePath) -> Job {
    Job(input: input, output: output, size: size, produceID: produceID, text: text, payload: payload)
  }
}
