public import MediaCore

/// Median and extremes of a figure over the passes.
public struct Spread: Sendable {
  /// The middle figure, or the mean of the middle two.
  public let median: Double
  /// The lowest figure.
  public let lowest: Double
  /// The highest figure.
  public let highest: Double

  /// Of at least one figure; nil for none.
  public init?(_ figures: [Double]) {
    let sorted = figures.sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    lowest = first
    highest = last
  }
}

/// What one task cost with one set of files and one number of workers.
public struct BenchRow: Sendable {
  /// Index of the set.
  public let set: Int
  /// What was done.
  public let task: BenchTask
  /// Workers.
  public let jobs: Int
  /// Files of one pass, repeated ones counted again.
  public let files: Int
  /// Peak of resident memory in bytes, in a pass that began with what the process cannot do without.
  public let peakBytes: Int
  /// Files a second of wall-clock time.
  public let filesPerSecond: Spread
  /// Processor milliseconds a file, of all threads.
  public let cpuMilliseconds: Spread
  /// Share of that by step, of all passes; what is left went to threads of codecs and to starting.
  public let steps: [(step: String, share: Double)]
  /// Frames of video coded anew a second.
  public let framesPerSecond: Double
}

/// All that a benchmark found out.
public struct BenchResult: Sendable {
  /// What was measured.
  public internal(set) var sets: [BenchSet] = []
  /// By set, task and number of workers.
  public internal(set) var rows: [BenchRow] = []
  /// Files left out, and why.
  public internal(set) var omitted: [(path: FilePath, reason: String)] = []
  /// Tasks that a file of their set cannot take, and why.
  public internal(set) var failures: [(set: Int, task: BenchTask, reason: String)] = []
  /// What the files are, for people.
  public internal(set) var description = ""
  /// Where it was measured.
  public internal(set) var machine = BenchMachine()
  /// Measured passes of each task.
  public internal(set) var runs = 0
  /// Where outputs went.
  public internal(set) var sink = OutputSink.null
  /// Whether it was stopped before the end; then there are no rows.
  public internal(set) var isInterrupted = false

  /// The rows of a set by task, those of one task in the order of their numbers of workers.
  func tasks(ofSet set: Int) -> [(task: BenchTask, rows: [BenchRow])] {
    var tasks: [(task: BenchTask, rows: [BenchRow])] = []
    for row in rows where row.set == set {
      if let index = tasks.firstIndex(where: { $0.task == row.task }) {
        tasks[index].rows.append(row)
      } else {
        tasks.append((row.task, [row]))
      }
    }
    return tasks
  }

  /// A file's mean share of the set's `amount` a file, times files a second: megapixels or seconds of media a second.
  func amountPerSecond(_ row: BenchRow) -> Double {
    let set = sets[row.set]
    return row.filesPerSecond.median * set.amount / Double(max(1, set.files.count))
  }

  /// Millions of bytes read a second.
  func megabytesPerSecond(_ row: BenchRow) -> Double {
    let set = sets[row.set]
    return row.filesPerSecond.median * Double(set.bytes) / 1e6 / Double(max(1, set.files.count))
  }
}
