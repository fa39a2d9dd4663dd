internal import MediaCore

/// Times the steps of one file.
struct LabelClock {
  private(set) var laps: [(step: String, value: Double)] = []
  private var last = Machine.ticks

  /// Ends the step `step`; steps of one name add up.
  mutating func lap(_ step: String) {
    let now = Machine.ticks
    let value = Double(now - last) / 1e6
    last = now
    if let index = laps.firstIndex(where: { $0.step == step }) {
      laps[index].value += value
    } else {
      laps.append((step, value))
    }
  }
}
