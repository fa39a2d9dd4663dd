internal import Labels
internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

extension Labeller {
  /// Why nothing is left to do for `job` after an interrupted run, and the finished file; nil when there is something. An output exists
  /// only whole, so it is enough that it is there, no older than its input, and carries the label of this producer.
  func finished(
    _ job: Job, _ input: InputFile
  ) throws(MediaError) -> (reason: String, output: FilePath)? {
    let named = job.output ?? job.input
    let others =
      configuration.remuxes ? Self.remuxedNames(named, of: job.input, formats: configuration.formats) : []
    for finished in [named] + others {
      if let reason = try finishedReason(job, input, at: finished) { return (reason, finished) }
    }
    return nil
  }

  private func finishedReason(
    _ job: Job, _ input: InputFile, at finished: FilePath
  ) throws(MediaError) -> String? {
    guard let status = try? FileStatus(finished), status.kind == .file else { return nil }
    if job.output != nil, status.modified < input.status.modified { return nil }
    guard let label = exclusiveLayer else {
      return job.output == nil ? nil : "an earlier run has finished it"
    }
    guard let output = try? InputFile(finished),
      let format = try? Self.probe(output, configuration.formats),
      let file = try? format.open(output, limits: configuration.limits, scratch: scratch)
    else { return nil }
    let sites = label.detect(in: file.metadata).filter(\.isLabelSite)
    guard sites.count == 1, let site = sites.first, site["ContentProducer"] == configuration.record.producer,
      job.produceID == nil || site["ProduceID"] == job.produceID
    else { return nil }
    return "an earlier run has finished it"
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
    let path = job.input
    guard let target = path.withCString({ realpath($0, nil) }) else {
      throw .system(.commit, "cannot resolve '\(path)'")
    }
    defer { free(target) }
    return FilePath(
      bytes: UnsafeBufferPointer(start: target, count: strlen(target)).map { UInt8(bitPattern: $0) })
  }
}
