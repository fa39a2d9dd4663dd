internal import Labels
internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

extension Labeller {
  /// What is left of `job` after an interrupted run: nothing, which is the result, or something, which is nil. An output
  /// exists only whole, so it is enough that it is there, no older than its input, and carries the label of this producer.
  func finishedResult(_ job: Job, _ input: InputFile) throws(MediaError) -> LabelResult? {
    let named = job.output ?? job.input
    let others =
      configuration.remuxes ? Self.remuxedNames(named, of: job.input, formats: configuration.formats) : []
    for finished in [named] + others {
      guard var result = try finishedResult(job, input, at: finished) else { continue }
      if finished != named { result.output = finished }
      return result
    }
    return nil
  }

  private func finishedResult(
    _ job: Job, _ input: InputFile, at finished: FilePath
  ) throws(MediaError) -> LabelResult? {
    guard let status = try? FileStatus(finished), status.kind == .file else { return nil }
    if job.output != nil, status.modified < input.status.modified { return nil }
    var result = LabelResult(.skipped, reason: "an earlier run has finished it")
    guard let label = exclusiveLayer else { return job.output == nil ? nil : result }
    guard let output = try? InputFile(finished),
      let format = try? Self.probe(output, configuration.formats),
      let file = try? format.open(output, limits: configuration.limits, scratch: scratch)
    else { return nil }
    let sites = label.detect(in: file.metadata).filter(\.isLabelSite)
    guard sites.count == 1, let site = sites.first, site["ContentProducer"] == configuration.record.producer,
      job.produceID == nil || site["ProduceID"] == job.produceID
    else { return nil }
    // The killed run may not have come to report it.
    result.produceID = site["ProduceID"] ?? ""
    result.info = file.info
    return result
  }

  private var exclusiveLayer: (any MetadataLabel)? {
    for id in configuration.layers {
      if let label = configuration.labels.label(id) as? any MetadataLabel, label.descriptor.isExclusive {
        return label
      }
    }
    return nil
  }

  /// The file to write: in place, that which the input's path leads to, so that a link stays a link.
  static func target(of job: Job) throws(MediaError) -> FilePath {
    if let output = job.output { return output }
    guard let target = job.input.resolved else {
      throw .system(.commit, "cannot resolve '\(job.input)'")
    }
    return target
  }
}
