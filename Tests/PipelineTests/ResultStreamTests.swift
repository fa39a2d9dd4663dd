import Dispatch
import Foundation
import MediaCore
import Synchronization
import Testing

@testable import TouchmarkPipeline

@Suite struct ResultStreamTests {
  /// The numbers that come out when `threads` threads write `count` lines.
  private func numbers(isOrdered: Bool, threads: Int, count: Int) throws -> [Int] {
    let pipe = Pipe()
    let stream = ResultStream(pipe.fileHandleForWriting.fileDescriptor, isOrdered: isOrdered)
    let next = Atomic<Int>(0)
    let text = Mutex(Data())
    let reading = DispatchGroup()
    let reader = pipe.fileHandleForReading
    DispatchQueue.global().async(group: reading) {
      let all = reader.readDataToEndOfFile()
      text.withLock { $0 = all }
    }
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      while true {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < count else { return }
        stream.write([("n", .int(number))], number: number)
      }
    }
    try pipe.fileHandleForWriting.close()
    reading.wait()
    return try text.withLock { Array($0) }.split(separator: 0x0A).map { line in
      guard case .int(let number)? = try JSONValue(parsing: Array(line))["n"] else { return -1 }
      return number
    }
  }

  @Test func everyLineComesOutWholeAndOnce() throws {
    #expect(try numbers(isOrdered: false, threads: 8, count: 20_000).sorted() == Array(0..<20_000))
  }

  @Test func inOrderIfAskedFor() throws {
    #expect(try numbers(isOrdered: true, threads: 8, count: 20_000) == Array(0..<20_000))
  }

  @Test func whoIsFarAheadWaitsForTheOneWhoseTurnItIs() throws {
    let pipe = Pipe()
    let stream = ResultStream(pipe.fileHandleForWriting.fileDescriptor, isOrdered: true)
    let written = Atomic<Int>(0)
    let isDone = DispatchSemaphore(value: 0)
    DispatchQueue.global().async {
      // One more than the window holds: the last one blocks until number 0 has come.
      for number in 1...ResultStream.window {
        stream.write([("n", .int(number))], number: number)
        written.wrappingAdd(1, ordering: .relaxed)
      }
      isDone.signal()
    }
    #expect(isDone.wait(timeout: .now() + 0.2) == .timedOut)
    stream.write([("n", 0)], number: 0)
    #expect(isDone.wait(timeout: .now() + 20) == .success)
    #expect(written.load(ordering: .relaxed) == ResultStream.window)
  }

  @Test func aReaderThatIsGoneIsAFailureThatStays() throws {
    let device = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    let stream = ResultStream(device.fileDescriptor, isOrdered: false)
    stream.write([("n", 1)], number: 0)
    #expect(stream.failure?.code == .io)
  }
}
