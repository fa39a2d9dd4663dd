/// A ratio of CPU times that the table states, and what it has to be.
struct Bar {
  /// The side of the limit that is good.
  enum Limit {
    case atMost(Double), atLeast(Double)

    func holds(_ ratio: Double) -> Bool {
      switch self {
      case .atMost(let limit): ratio <= limit
      case .atLeast(let limit): ratio >= limit
      }
    }

    var text: String {
      switch self {
      case .atMost(let limit): "≤ \(limit)"
      case .atLeast(let limit): "≥ \(limit)"
      }
    }
  }

  let title: String
  /// Jobs whose costs are added above the line.
  let above: [String]
  /// Jobs whose costs are added below the line.
  let below: [String]
  var limit: Limit?

  static let all: [Bar] = [
    Bar(
      title: "JPEG: label ÷ bare decode + encode", above: ["label-jpeg-j1"], below: ["bare-jpeg"],
      limit: .atMost(0.9)),
    Bar(
      title: "JPEG, optimised tables: label ÷ bare decode + encode", above: ["label-optimised-j1"],
      below: ["bare-optimised"]),
    Bar(
      title: "PNG: label ÷ Pillow's default save", above: ["label-png-j1"], below: ["pillow-save-png"],
      limit: .atMost(0.3)),
    stack("jpeg", "batch"), stack("png", "batch"), stack("jpeg", "each"), stack("png", "each"),
    metadata("jpeg", "batch"), metadata("png", "batch"),
  ]

  /// Pillow draws, exiftool writes the metadata: in one process, or started for each file.
  private static func stack(_ kind: String, _ mode: String) -> Bar {
    Bar(
      title: "\(kind.uppercased()): (Pillow + exiftool \(mode)) ÷ label",
      above: ["pillow-draw-\(kind)", "exiftool-\(mode)-\(kind)"], below: ["label-\(kind)-j1"],
      limit: .atLeast(5))
  }

  private static func metadata(_ kind: String, _ mode: String) -> Bar {
    Bar(
      title: "\(kind.uppercased()): exiftool \(mode) ÷ metadata label", above: ["exiftool-\(mode)-\(kind)"],
      below: ["metadata-\(kind)-j1"])
  }

  /// The ratio in each round, of costs that were measured in that round; nil when a job was left out.
  func ratios(_ samples: [Sample]) -> Spread? {
    let rounds = Dictionary(grouping: samples, by: \.round).values
    let ratios = rounds.compactMap { round -> Double? in
      guard let above = Self.cost(above, round), let below = Self.cost(below, round) else { return nil }
      return above / below
    }
    return Spread(ratios)
  }

  private static func cost(_ names: [String], _ round: [Sample]) -> Double? {
    let costs = names.compactMap { name in round.first { $0.job == name }?.cpuMSPerPicture }
    return costs.count == names.count ? costs.reduce(0, +) : nil
  }
}
