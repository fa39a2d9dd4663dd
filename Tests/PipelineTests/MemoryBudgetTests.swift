import Dispatch
import MediaCore
import Synchronization
import Testing

@testable import TouchmarkPipeline

@Suite struct MemoryBudgetTests {
  @Test func neverMoreThanTheBudgetIsAdmittedAndEveryoneGetsATurn() throws {
    let budget = MemoryBudget(bytes: 100)
    let state = Mutex((used: 0, peak: 0, done: 0))
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      for round in 0..<40 {
        let need = (worker * 13 + round * 7) % 60 + 1
        try? budget.admitting(need) { () throws(MediaError) -> Void in
          state.withLock {
            $0.used += need
            $0.peak = max($0.peak, $0.used)
          }
          state.withLock {
            $0.used -= need
            $0.done += 1
          }
        }
      }
    }
    let end = state.withLock { $0 }
    #expect(end.done == 320)
    #expect(end.peak <= 100)
  }

  @Test func whatIsLargerThanTheBudgetRunsAlone() throws {
    let budget = MemoryBudget(bytes: 100)
    let inside = Mutex(0)
    let worst = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      try? budget.admitting(1_000_000) { () throws(MediaError) -> Void in
        let now = inside.withLock {
          $0 += 1; return $0
        }
        worst.withLock { $0 = max($0, now) }
        inside.withLock { $0 -= 1 }
      }
    }
    #expect(worst.withLock { $0 } == 1)
  }

  @Test func anErrorGivesTheRoomBack() throws {
    let budget = MemoryBudget(bytes: 10)
    for _ in 0..<3 {
      #expect(throws: MediaError.self) {
        try budget.admitting(10) { () throws(MediaError) -> Void in throw MediaError(.io, .decode, "x") }
      }
    }
    var isAdmitted = false
    try budget.admitting(10) { () throws(MediaError) -> Void in isAdmitted = true }
    #expect(isAdmitted)
  }
}
