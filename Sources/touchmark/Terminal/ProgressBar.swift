internal import TouchmarkPipeline

/// `████████░░░░  412/800 files  98.1/190.4 MB  22.3 files/s  5.3 MB/s  ETA 0:17  1 failed`.
struct ProgressBar {
  let summary: BatchSummary
  /// Found so far, the final number when `isTotalKnown`.
  let files: Int
  let bytes: Int
  let isTotalKnown: Bool
  let elapsed: Duration

  func text(columns: Int) -> String {
    let seconds = max(
      0.001, Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18)
    let more = isTotalKnown ? "" : "+"
    var parts = [
      "\(summary.files)/\(files)\(more) files",
      "\(Quantity.megabytes(summary.bytes))/\(Quantity.megabytes(bytes))\(more) MB",
      "\(Quantity.decimal(Double(summary.files) / seconds)) files/s",
      "\(Quantity.decimal(Double(summary.bytes) / 1e6 / seconds)) MB/s",
    ]
    if isTotalKnown, let remaining = remainingSeconds(after: seconds) {
      parts.append("ETA \(Quantity.clock(remaining))")
    }
    if summary[.failed] > 0 { parts.append("\(summary[.failed]) failed") }
    let words = parts.joined(separator: "  ")
    let room = columns - words.count - 3
    guard room >= 8 else { return String(words.prefix(max(0, columns - 1))) }
    return Self.bar(fraction, width: min(30, room)) + "  " + words
  }

  /// What work there is beside reading a file's bytes, in bytes: of 100,000 empty files none is free.
  private static let bytesOfAFile = 16_384

  private static func work(_ bytes: Int, _ files: Int) -> Double {
    Double(bytes) + Double(files) * Double(bytesOfAFile)
  }

  private var fraction: Double {
    let all = Self.work(bytes, files)
    return all > 0 ? min(1, Self.work(summary.bytes, summary.files) / all) : 0
  }

  /// By what was really worked on: the files that an earlier run has finished fly past.
  private func remainingSeconds(after seconds: Double) -> Int? {
    let done = Self.work(summary.bytes - summary.skippedBytes, summary.files - summary[.skipped])
    let left = Self.work(bytes - summary.bytes, files - summary.files)
    guard done > 0, left >= 0 else { return nil }
    let remaining = left * seconds / done
    return remaining < 1e8 ? Int(remaining.rounded(.up)) : nil
  }

  private static func bar(_ fraction: Double, width: Int) -> String {
    let full = Int((fraction * Double(width)).rounded(.down))
    return String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
  }
}

/// Numbers as people read them.
enum Quantity {
  /// One digit behind the point.
  static func decimal(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// Millions of bytes.
  static func megabytes(_ bytes: Int) -> String { decimal(Double(bytes) / 1e6) }

  /// `1:02:03` or `2:03`.
  static func clock(_ seconds: Int) -> String {
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
  }
}
