internal import MediaCore

/// Times the steps of one file. To be used on one thread.
struct StepClock {
  /// Milliseconds by step, in the order first taken.
  private(set) var laps: [(step: String, value: Double)] = []
  /// Milliseconds of this thread's processor time by step, in the same order. What codecs do on threads of their own is not
  /// in it.
  private(set) var cpuLaps: [(step: String, value: Double)] = []
  private var last = Machine.ticks
  private var lastCPU = Machine.threadTicks

  /// Ends the step `step`; steps of one name add up.
  mutating func lap(_ step: String) {
    let (now, cpu) = (Machine.ticks, Machine.threadTicks)
    let (value, cpuValue) = (Double(now - last) / 1e6, Double(cpu - lastCPU) / 1e6)
    (last, lastCPU) = (now, cpu)
    if let index = laps.firstIndex(where: { $0.step == step }) {
      laps[index].value += value
      cpuLaps[index].value += cpuValue
    } else {
      laps.append((step, value))
      cpuLaps.append((step, cpuValue))
    }
  }
}
