internal import Synchronization
internal import TouchmarkPipeline

/// What a person sees while a run goes on: lines about files, and below them a bar.
final class Display: Sendable {
  /// Which files get a line.
  enum Files: Sendable { case failures, all }

  /// Where lines about files that did not fail go.
  enum Output: Sendable { case output, errors, none }

  private struct State {
    var found = (files: 0, bytes: 0, isComplete: false)
    var start = ContinuousClock.now
    var lastDrawn: ContinuousClock.Instant?
    var isDrawn = false
    var failures = 0
  }

  private let showsProgress: Bool
  private let files: Files
  private let output: Output
  private let state = Mutex(State())

  init(showsProgress: Bool, files: Files, output: Output = .output) {
    self.showsProgress = showsProgress
    self.files = files
    self.output = output
  }

  func found(_ files: Int, _ bytes: Int, isComplete: Bool) {
    state.withLock { $0.found = (files, bytes, isComplete) }
  }

  /// A file has ended.
  func file(_ summary: BatchSummary, _ word: FileStatusWord, _ message: String?) {
    state.withLock { state in
      if let message { tell(message, isFailure: word == .failed, &state) }
      draw(summary, &state)
    }
  }

  private func tell(_ message: String, isFailure: Bool, _ state: inout State) {
    if files == .all, output == .output {
      clear(&state)
      print(Terminal.harmless(message))
    } else if isFailure || (files == .all && output == .errors) {
      clear(&state)
      Terminal.complain("touchmark: \(Terminal.harmless(message))")
    }
  }

  /// Takes the bar away.
  func finish() { state.withLock { clear(&$0) } }

  private func clear(_ state: inout State) {
    guard state.isDrawn else { return }
    Terminal.write(error: "\r\u{1B}[K")
    state.isDrawn = false
  }

  private func draw(_ summary: BatchSummary, _ state: inout State) {
    guard showsProgress else { return }
    let now = ContinuousClock.now
    if let last = state.lastDrawn, now - last < .milliseconds(100), state.isDrawn { return }
    state.lastDrawn = now
    state.isDrawn = true
    let bar = ProgressBar(
      summary: summary, files: state.found.files, bytes: state.found.bytes,
      isTotalKnown: state.found.isComplete,
      elapsed: now - state.start)
    Terminal.write(error: "\r" + bar.text(columns: Terminal.columns) + "\u{1B}[K")
  }
}
