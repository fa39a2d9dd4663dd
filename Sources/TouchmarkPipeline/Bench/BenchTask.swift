public import MediaCore

/// One thing that is done with all files of a set.
public struct BenchTask: Sendable, Hashable {
  /// Labelling or verifying.
  public enum Verb: String, Sendable {
    case label, verify
  }

  /// What is done.
  public let verb: Verb
  /// The labels written or looked for.
  public let layers: [LabelID]
  /// Whether these are all that are measured.
  public let isWhole: Bool

  /// `label all`, `verify metadata`.
  public var title: String {
    "\(verb.rawValue) \(isWhole ? "all" : layers.map(\.rawValue).joined(separator: ","))"
  }

  /// The tasks for media of `kind`: each label that it can carry, then all, then the looking for all and for the metadata alone.
  static func all(for kind: MediaKind, _ configuration: BenchConfiguration) -> [BenchTask] {
    let layers = configuration.layers.filter {
      configuration.labels.label($0)?.descriptor.kinds.contains(kind) == true
    }
    var tasks = layers.count > 1 ? layers.map { BenchTask(verb: .label, layers: [$0], isWhole: false) } : []
    guard !layers.isEmpty else { return [] }
    tasks.append(BenchTask(verb: .label, layers: layers, isWhole: true))
    tasks.append(BenchTask(verb: .verify, layers: layers, isWhole: true))
    let inHeader = layers.filter { configuration.labels.label($0) is any MetadataLabel }
    if !inHeader.isEmpty, inHeader.count < layers.count {
      tasks.append(BenchTask(verb: .verify, layers: inHeader, isWhole: false))
    }
    return tasks
  }
}
