internal import MediaCore

/// Figures as people read them.
enum Figure {
  /// `value` with `digits` digits behind the point.
  static func text(_ value: Double, _ digits: Int = 1) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return "-" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let number = Int((value.magnitude * scale).rounded())
    let sign = value < 0 && number > 0 ? "-" : ""
    guard digits > 0 else { return sign + String(number) }
    let whole = number / Int(scale)
    let rest = String(number % Int(scale))
    return sign + "\(whole)." + String(repeating: "0", count: digits - rest.count) + rest
  }

  /// About three digits that count.
  static func short(_ value: Double) -> String { text(value, value < 10 ? 2 : value < 100 ? 1 : 0) }

  static func megabytes(_ bytes: Int) -> String { text(Double(bytes) / 1e6, 1) }

  /// `60 %`.
  static func percent(_ share: Double) -> String { text(100 * share, 0) + " %" }
}

extension BenchResult {
  /// A table for people.
  public var text: String {
    var lines = [
      description,
      "\(machine.processor), \(machine.cores) cores, load \(machine.load.map { Figure.text($0) }.joined(separator: " to "));"
        + " medians of \(runs) passes, lowest and highest in brackets; outputs go to \(sink == .null ? "memory and are dropped" : "disk")",
    ]
    for index in sets.indices { lines += [""] + block(index) }
    for (set, task, reason) in failures {
      lines.append("not measured: \(task.title) of \(sets[set].kind.rawValue) \(sets[set].format): \(reason)")
    }
    for (path, reason) in omitted { lines.append("left out: \(path): \(reason)") }
    return lines.joined(separator: "\n")
  }

  private func block(_ index: Int) -> [String] {
    let set = sets[index]
    let amount =
      set.kind == .image
      ? "\(Figure.text(set.amount)) MP" : "\(Figure.text(set.seconds)) s of \(set.kind.rawValue)"
    let unit = set.kind == .image ? "MP/s" : "s/s"
    var table = [
      ["\(set.kind.rawValue) \(set.format)", "jobs", "files/s", "", "MB/s", unit, "CPU ms", "", "peak MB"]
    ]
    if set.kind == .video { table[0].append("frames/s") }
    var shares: [String] = []
    for (task, rows) in tasks(ofSet: index) {
      for (place, row) in rows.enumerated() {
        let (speed, cpu) = (row.filesPerSecond, row.cpuMilliseconds)
        var cells = [
          place == 0 ? task.title : "", "\(row.jobs)", Figure.short(speed.median), brackets(speed),
          Figure.short(megabytesPerSecond(row)), Figure.short(amountPerSecond(row)), Figure.short(cpu.median),
          brackets(cpu), Figure.megabytes(row.peakBytes),
        ]
        if set.kind == .video {
          cells.append(row.framesPerSecond > 0 ? Figure.short(row.framesPerSecond) : "")
        }
        table.append(cells)
      }
      if let row = rows.first, !row.steps.isEmpty {
        let steps = row.steps.filter { $0.share >= 0.005 }.map { "\($0.step) \(Figure.percent($0.share))" }
        shares.append("CPU of \(task.title): \(steps.joined(separator: ", "))")
      }
    }
    return ["\(set.count), \(amount), \(Figure.megabytes(set.bytes)) MB"] + Self.aligned(table)
      + shares
  }

  private func brackets(_ spread: Spread) -> String {
    "(\(Figure.short(spread.lowest))-\(Figure.short(spread.highest)))"
  }

  /// Columns side by side, the first to the left, the others to the right.
  private static func aligned(_ rows: [[String]]) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }.joined(separator: "  ")
    }
  }
}
