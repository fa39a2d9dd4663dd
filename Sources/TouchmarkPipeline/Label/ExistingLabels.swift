internal import Labels
internal import MediaCore

extension Labeller {
  /// The labels already in `file` of which it may hold only one (GB 45438-2025 6.1 c).
  func exclusiveLabels(in file: any MediaFile) -> [Detection] {
    var found: [Detection] = []
    for id in configuration.layers {
      guard let label = configuration.labels.label(id) as? any MetadataLabel, label.descriptor.isExclusive
      else {
        continue
      }
      found += label.detect(in: file.metadata).filter(\.isLabelSite)
    }
    return found
  }

  /// Ends the file here when the policy says so: skipped, with a copy where outputs are gathered, or refused.
  func settleExisting(
    _ result: inout LabelResult, job: Job, input: InputFile
  ) throws(MediaError) -> LabelResult? {
    guard let first = result.existing.first else { return nil }
    let place = first.site.map { "\($0.path) at offset \($0.offset)" } ?? "its metadata"
    switch configuration.existing {
    case .replace: return nil
    case .fail:
      throw MediaError(
        .conflict, .label,
        "the file carries a label already in \(place), and GB 45438-2025 6.1 c) allows one;"
          + " use --existing skip or replace")
    case .skip:
      result.status = .skipped
      result.reason = "it carries a label already in \(place)"
      if let output = job.output, !configuration.isDryRun, configuration.sink == .disk {
        try copy(input, to: output)
        result.notes.append("copied unchanged")
      }
      return result
    }
  }

  private func copy(_ input: InputFile, to target: FilePath) throws(MediaError) {
    try folders.prepare(for: target)
    let output = try OutputFile(target, mode: input.status.mode & 0o777)
    let buffer = scratch.borrow(1 << 20)
    var offset = 0
    while offset < input.size {
      let count = try input.read(into: buffer.bytes, at: offset)
      guard count > 0 else { throw MediaError(.io, .decode, "file shrank while it was copied") }
      try output.write(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count]))
      offset += count
    }
    try output.commit()
  }

  /// The items to take away for `labels`; one label may stand in several.
  static func sites(of labels: [Detection], in metadata: [MetadataItem]) -> [MetadataItem] {
    var doomed: [MetadataItem] = []
    for label in labels {
      for item in AIGCMetadataLabel.items(of: label, in: metadata) where !doomed.contains(item) {
        doomed.append(item)
      }
    }
    return doomed
  }
}
