internal import MediaCore

/// Bars of processor time a file by task, cut into steps, drawn as SVG 1.1 with nothing outside of it.
struct BenchChart {
  private static let width = 860.0
  private static let left = 178.0
  private static let right = 236.0
  private static let barHeight = 22.0
  private static let pitch = 32.0
  private static let steps: [(name: String, words: [String], color: String)] = [
    ("open and decode", ["probe", "decode"], "#4c78a8"), ("label", ["label"], "#e8833a"),
    ("search", ["search"], "#d37295"), ("encode and write", ["encode"], "#59a14f"),
    ("read back", ["check"], "#b279a2"),
    ("name and sync", ["digest", "commit"], "#9d755d"), ("undivided", [], "#a0a7b4"),
  ]

  private let result: BenchResult
  private var body = ""
  private var y = 0.0

  /// The chart of `result` as the text of an SVG file.
  static func svg(_ result: BenchResult) -> String {
    var chart = BenchChart(result)
    chart.draw()
    return chart.document
  }

  private init(_ result: BenchResult) { self.result = result }

  private mutating func draw() {
    text("Processor time a file, in milliseconds", x: 24, y: 34, "title")
    text(result.description, x: 24, y: 56, "note")
    let load = result.machine.load.map { Figure.text($0) }.joined(separator: " to ")
    text(
      "\(result.machine.processor), \(result.machine.cores) cores, load \(load), medians of \(result.runs) passes",
      x: 24, y: 74, "note")
    legend(y: 98)
    y = 128
    for set in result.sets.indices { draw(set: set) }
  }

  private mutating func legend(y: Double) {
    var x = 24.0
    for (name, _, color) in Self.steps {
      rectangle(x: x, y: y - 10, width: 12, height: 12, color)
      text(name, x: x + 18, y: y, "key")
      x += 38 + 6.6 * Double(name.count)
    }
  }

  private mutating func draw(set index: Int) {
    let set = result.sets[index]
    let tasks = result.tasks(ofSet: index)
    let longest = tasks.compactMap { $0.rows.first?.cpuMilliseconds.median }.max() ?? 1
    let scale = (Self.width - Self.left - Self.right) / max(longest, 1e-9)
    let amount = set.kind == .image ? "\(Figure.text(set.amount)) MP" : "\(Figure.text(set.seconds)) s"
    text(
      "\(set.kind.rawValue) \(set.format)", x: 24, y: y + 14, "set",
      after: "  \(set.count), \(amount), \(Figure.megabytes(set.bytes)) MB")
    y += 30
    axis(scale, longest, rows: tasks.count)
    for (task, rows) in tasks {
      guard let first = rows.first else { continue }
      text(task.title, x: Self.left - 12, y: y + 16, "task")
      var x = Self.left
      for (share, color) in parts(first) {
        let width = share * first.cpuMilliseconds.median * scale
        rectangle(x: x, y: y, width: width, height: Self.barHeight, color)
        x += width
      }
      let speeds = rows.map { "\(Figure.short($0.filesPerSecond.median))" }.joined(separator: " | ")
      text(
        "\(Figure.short(first.cpuMilliseconds.median)) ms", x: x + 8, y: y + 16, "value",
        after: "   \(speeds) files/s")
      y += Self.pitch
    }
    let jobs = tasks.first?.rows.map { "\($0.jobs)" }.joined(separator: " | ") ?? ""
    text(
      "ms of processor time with \(tasks.first?.rows.first?.jobs ?? 1) worker; files a second of wall-clock time with \(jobs)",
      x: Self.left, y: y + 34, "note")
    y += 66
  }

  /// The shares of a row's steps with their colours; what no step accounts for comes last.
  private func parts(_ row: BenchRow) -> [(share: Double, color: String)] {
    var rest = 1.0
    var parts: [(share: Double, color: String)] = []
    for (_, words, color) in Self.steps.dropLast() {
      let share = row.steps.filter { words.contains($0.step) }.reduce(0) { $0 + $1.share }
      parts.append((min(share, rest), color))
      rest = max(0, rest - share)
    }
    if let last = Self.steps.last { parts.append((rest, last.color)) }
    return parts
  }

  /// Lines at round numbers under the bars, and the numbers under the lines.
  private mutating func axis(_ scale: Double, _ longest: Double, rows: Int) {
    let steps = sequence(first: 1e-3) { $0 * 10 }.prefix(12).flatMap { [$0, 2 * $0, 5 * $0] }
    guard let step = steps.first(where: { longest / $0 <= 7 }) else { return }
    let bottom = y + Double(rows) * Self.pitch - 4
    let digits = step < 0.01 ? 3 : step < 0.1 ? 2 : step < 1 ? 1 : 0
    for line in 0...Int(longest / step) {
      let x = Self.left + Double(line) * step * scale
      body +=
        #"<line class="grid" x1="\#(number(x))" y1="\#(number(y - 6))" x2="\#(number(x))" y2="\#(number(bottom))"/>"#
      body += "\n"
      text(Figure.text(Double(line) * step, digits), x: x, y: bottom + 15, "tick")
    }
  }

  private mutating func rectangle(x: Double, y: Double, width: Double, height: Double, _ color: String) {
    guard width > 0.05 else { return }
    body +=
      #"<rect x="\#(number(x))" y="\#(number(y))" width="\#(number(width))" height="\#(number(height))" fill="\#(color)"/>"#
    body += "\n"
  }

  private mutating func text(
    _ text: String, x: Double, y: Double, _ style: String, after: String? = nil
  ) {
    let more = after.map { #"<tspan class="note" xml:space="preserve">\#(Self.escaped($0))</tspan>"# } ?? ""
    body +=
      #"<text class="\#(style)" x="\#(number(x))" y="\#(number(y))">\#(Self.escaped(text))\#(more)</text>"#
    body += "\n"
  }

  private func number(_ value: Double) -> String { Figure.text(value, 1) }

  /// `text` as character data (XML 1.0, 2.4); control characters, which XML has not, show as U+FFFD.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case _ where scalar.value < 0x20: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private var document: String {
    let (width, height) = (Figure.text(Self.width, 0), Figure.text(y, 0))
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" \
      font-family="system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif" font-size="13">
      <style>
      .back { fill: #ffffff } text { fill: #1f2430 } .title { font-size: 18px; font-weight: 600 }
      .set { font-size: 15px; font-weight: 600 } .note { fill: #667085; font-size: 12px; font-weight: 400 }
      .key { font-size: 12px } .tick { fill: #667085; font-size: 11px; text-anchor: middle } .task { text-anchor: end } .value { font-weight: 600 }
      .grid { stroke: #d5d9e2; stroke-width: 1 }
      @media (prefers-color-scheme: dark) {
      .back { fill: #14171f } text { fill: #e6e8ee } .note, .tick { fill: #9aa3b5 } .grid { stroke: #333a49 }
      }
      </style>
      <rect class="back" width="\(width)" height="\(height)" rx="8"/>
      \(body)</svg>

      """
  }
}

extension BenchResult {
  /// A chart of processor time by task and step: the text of an SVG file.
  public var chart: String { BenchChart.svg(self) }
}
