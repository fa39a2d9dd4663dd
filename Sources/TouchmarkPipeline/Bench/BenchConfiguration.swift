public import Labels
public import MediaCore
public import MediaFormats

/// What a benchmark measures.
public struct BenchConfiguration: Sendable {
  /// What the labels say.
  public var record: LabelRecord
  /// The labels measured, each alone and, of more than one, all together.
  public var layers: [LabelID]
  /// Whether they were asked for by name: a file that cannot carry one of them is left out then.
  let namesLayers: Bool
  /// Numbers of workers measured.
  public var jobs: [Int]
  /// Measured passes of each task; their median counts.
  public var runs: Int
  /// Least seconds of wall-clock time of a pass: a set that is done sooner is gone through several times.
  public var leastSeconds: Double
  /// Whether outputs are dropped or written and then removed.
  public var sink: OutputSink
  /// The folder below which temporary files lie.
  public var folder: FilePath
  /// How outputs are read back.
  public var check = CheckLevel.metadata
  /// Bounds on one file.
  public var limits = Limits()
  /// The containers known.
  public let formats: FormatTable
  /// The labels known.
  public let labels: LabelTable

  /// Five passes: the fewest whose median stands when two of them were disturbed. `layers` nil takes those that are on by
  /// default; a watermark key is made up where `record` has none.
  public init(
    record: LabelRecord, layers: [LabelID]? = nil, jobs: [Int]? = nil, runs: Int = 5,
    leastSeconds: Double = 0.2, sink: OutputSink = .null, folder: FilePath,
    formats: FormatTable = BuiltinFormats.table, labels: LabelTable = BuiltinLabels.table
  ) {
    self.record = record
    if record.watermarkKey == nil {
      self.record.watermarkKey = WatermarkKey(bytes: Array(0..<UInt8(WatermarkKey.byteCount)))
    }
    self.layers = layers ?? labels.labels.map(\.descriptor).filter(\.isDefault).map(\.id)
    namesLayers = layers != nil
    self.jobs = jobs ?? (Machine.cores > 1 ? [1, Machine.cores] : [1])
    self.runs = runs
    self.leastSeconds = leastSeconds
    self.sink = sink
    self.folder = folder
    self.formats = formats
    self.labels = labels
  }

  /// The label run of `layers`, nil for those that are on by default. Files that are labelled already are labelled anew.
  func labelling(_ layers: [LabelID]?) -> LabelConfiguration {
    var configuration = LabelConfiguration(
      record: record, layers: layers, existing: .replace, check: check, limits: limits, formats: formats,
      labels: labels)
    configuration.sink = sink
    // As in a run without a report.
    configuration.digests = false
    return configuration
  }

  /// The label run of a task.
  func labelling(_ task: BenchTask) -> LabelConfiguration {
    labelling(task.isWhole && !namesLayers ? nil : task.layers)
  }

  /// The verify run of `layers`.
  func verifying(_ layers: [LabelID]) -> VerifyConfiguration {
    VerifyConfiguration(
      layers: layers, keys: [record.watermarkKey].compactMap { $0 }, limits: limits, formats: formats,
      labels: labels)
  }
}
