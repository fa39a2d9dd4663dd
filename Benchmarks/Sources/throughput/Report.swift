import Foundation

/// The samples of a run as a table and as JSON Lines.
struct Report {
  let machine: Machine
  let names: [String]
  let samples: [Sample]

  var markdown: String {
    """
    # \(machine.date.prefix(10)), commit \(machine.commit), \(machine.cpu), \(machine.cores) cores

    Median of \(machine.rounds) interleaved rounds of \(machine.pictures) pictures of 1024 × 1024, process start \
    included. Load average \(machine.loadBefore) before and \(machine.loadAfter) after; libjpeg-turbo \
    \(machine.libjpeg), Pillow \(machine.pillow), exiftool \(machine.exiftool). -jN is `--jobs N`.

    \(costs)

    Ratios of CPU times, each of one round: median, lowest and highest.

    \(ratios)

    """
  }

  private var costs: String {
    let rows = names.compactMap { name -> [String]? in
      let own = samples.filter { $0.job == name }
      guard let cpu = Spread(own.map(\.cpuMSPerPicture)), let peak = own.map(\.peakMB).max(),
        let speed = Spread(own.map(\.picturesPerSecond))
      else { return nil }
      return [name] + [cpu.median, cpu.lowest, cpu.highest].map { Self.text($0, 2) }
        + [Self.text(peak, 0), Self.text(speed.median, 1)]
    }
    return Self.table(["job", "CPU ms a picture", "lowest", "highest", "peak MB", "pictures/s"], rows)
  }

  private var ratios: String {
    let rows = Bar.all.compactMap { bar -> [String]? in
      guard let ratio = bar.ratios(samples) else { return nil }
      let verdict = bar.limit.map { $0.holds(ratio.median) ? "met" : "**missed**" } ?? ""
      return [bar.title] + [ratio.median, ratio.lowest, ratio.highest].map { Self.text($0, 2) }
        + [bar.limit?.text ?? "", verdict]
    }
    return Self.table(["ratio", "median", "lowest", "highest", "bar", "verdict"], rows)
  }

  /// Writes the table and the samples into `folder`.
  func write(into folder: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let lines = try [encoder.encode(machine)] + samples.map { try encoder.encode($0) }
    let text = lines.map { String(decoding: $0, as: UTF8.self) + "\n" }.joined()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = "\(folder)/\(machine.fileName)"
    try text.write(toFile: path + ".jsonl", atomically: true, encoding: .utf8)
    try markdown.write(toFile: path + ".md", atomically: true, encoding: .utf8)
  }

  private static func table(_ header: [String], _ rows: [[String]]) -> String {
    let rule = ["---"] + header.dropFirst().map { _ in "---:" }
    return ([header, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }

  private static func text(_ figure: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", figure)
  }
}
