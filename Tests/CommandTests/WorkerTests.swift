import Foundation
import MediaCore
import Testing

/// `touchmark worker`: jobs in, results out.
@Suite struct WorkerTests {
  private let who = ["--producer", Binary.producer, "--layers", "explicit,metadata"]

  @Test func eachJobIsAnsweredWhenItIsDone() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 2)
    let worker = try Conversation(binary, ["worker"] + who)
    // Each answer is read before the next job is sent: nothing waits for company.
    worker.say("{\"id\":1,\"input\":\"in/0.png\",\"output\":\"out/deep/x.png\",\"produceID\":\"2026-1\"}")
    let label = try #require(try worker.hear())
    #expect(label["id"] == 1)
    #expect(label["type"] == "file")
    #expect(label["status"] == "labelled")
    #expect(label["produceID"] == "2026-1")
    #expect(label["sha256"]?["output"] != nil)
    worker.say("{\"id\":{\"task\":[2]},\"verb\":\"verify\",\"input\":\"out/deep/x.png\"}")
    let verify = try #require(try worker.hear())
    #expect(verify["id"]?["task"] == .array([2]))
    #expect(verify["verdict"] == "confirmed")
    #expect(verify["layers"]?["metadata"]?["found"] == true)
    // A job may be handed out again.
    worker.say("{\"id\":3,\"input\":\"in/0.png\",\"output\":\"out/deep/x.png\",\"produceID\":\"2026-1\"}")
    #expect(try worker.hear()?["status"] == "labelled")
    try worker.endInput()
    #expect(try worker.hear() == nil)
    #expect(worker.exitCode() == 0)
    #expect(binary.tree("out") == ["deep/x.png"])
  }

  @Test func badLinesAndFilesAreResultsAndTheRestGoesOn() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 2)
    try binary.write("in/broken.png", "no picture")
    let worker = try Conversation(binary, ["worker", "--jobs", "2"] + who)
    let jobs: [(line: String, code: String)] = [
      ("{\"id\":0,\"input\":\"in/broken.png\",\"output\":\"o\"}", "unsupported"),
      ("{\"id\":1,\"input\":\"nowhere.png\",\"output\":\"o\"}", "io"),
      ("{\"id\":2,\"input\":\"in/0.png\"}", "invalidArgument"),
      ("{\"id\":3,\"input\":\"in/0.png\",\"output\":\"in/0.png\"}", "conflict"),
      ("{\"id\":4,\"input\":\"in/0.png\",\"output\":\"in\"}", "conflict"),
      ("{\"id\":5,\"verb\":\"destroy\",\"input\":\"in/0.png\"}", "invalidArgument"),
      ("{\"id\":6,\"output\":\"o\"}", "invalidArgument"),
      ("{\"id\":7,\"input\":\"in/0.png\",\"colour\":1}", "invalidArgument"),
      ("{\"id\":8,\"input\":\"\(String(repeating: "x", count: 5000))\",\"output\":\"o\"}", "io"),
    ]
    for job in jobs { worker.say(job.line) }
    worker.say("")
    for nonsense in ["{", "[]", "\u{0}", String(repeating: "x", count: 200_000)] { worker.say(nonsense) }
    worker.say("{\"id\":9,\"input\":\"in/1.jpg\",\"output\":\"out.jpg\"}")
    try worker.endInput()
    var results: [Int: JSONValue] = [:]
    var strays: [JSONValue] = []
    while let line = try worker.hear() {
      if case .int(let id)? = line["id"] { results[id] = line } else { strays.append(line) }
    }
    #expect(worker.exitCode() == 0)
    for (id, job) in jobs.enumerated() {
      #expect(results[id]?["status"] == "failed", "\(job.line)")
      #expect(results[id]?["error"]?["code"]?.string == job.code, "\(job.line)")
    }
    #expect(results[9]?["status"] == "labelled")
    #expect(strays.count == 4)
    #expect(strays.allSatisfy { $0["error"]?["code"] == "invalidArgument" })
    #expect(Set(strays.compactMap { $0["input"]?.string }) == ["line 11", "line 12", "line 13", "line 14"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: binary.folder).contains("o") == false)
  }

  @Test func orderedResultsComeInTheOrderOfTheJobs() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 2)
    try binary.picture("in/large.png", "-size 500x500 plasma:red-blue")
    let worker = try Conversation(binary, ["worker", "--jobs", "4", "--ordered", "--output", "out"] + who)
    let names = ["in/large.png", "in/0.png", "in/1.jpg", "in/missing.png"]
    for id in 0..<40 {
      worker.say("{\"id\":\(id),\"input\":\"\(names[id % 4])\",\"output\":\"\(id).x\"}")
    }
    try worker.endInput()
    var ids: [JSONValue?] = []
    while let line = try worker.hear() { ids.append(line["id"]) }
    #expect(ids == (0..<40).map { .int($0) })
    #expect(binary.tree("out").count == 30)
  }

  @Test(arguments: [(SIGTERM, 0), (SIGHUP, 0), (SIGINT, 130)] as [(Int32, Int32)])
  func aSignalEndsAWorkerThatWaits(_ signal: Int32, _ code: Int32) throws {
    let binary = try Binary()
    try binary.gallery("in", count: 2)
    let worker = try Conversation(binary, ["worker", "--output", "out"] + who)
    worker.say("{\"id\":1,\"input\":\"in/0.png\"}")
    #expect(try worker.hear()?["status"] == "labelled")
    worker.send(signal)
    #expect(try worker.hear() == nil)
    #expect(worker.exitCode() == code)
  }

  @Test func whatWasReadWhenTheSignalCameIsAnswered() throws {
    let binary = try Binary()
    try binary.picture("in/a.png", "-size 600x600 plasma:red-blue")
    let worker = try Conversation(binary, ["worker", "--output", "out", "--jobs", "1"] + who)
    // One write of less than a pipe's atomic size: the worker reads all of them or none.
    worker.say(
      (0..<60).map { "{\"id\":\($0),\"input\":\"in/a.png\",\"output\":\"\($0).png\"}" }.joined(
        separator: "\n"))
    let first = try #require(try worker.hear())
    #expect(first["status"] == "labelled")
    worker.send(SIGTERM)
    let rest = try worker.hearAll()
    #expect(worker.exitCode() == 0)
    #expect(rest.count == 59)
    let cancelled = rest.values.filter { $0["error"]?["code"] == "cancelled" }
    #expect(!cancelled.isEmpty)
    #expect(binary.tree("out").count == 60 - cancelled.count)
  }

  @Test func aFolderThatIsTakenAwayIsMadeAgain() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 2)
    let worker = try Conversation(binary, ["worker", "--output", "out", "--sync", "none"] + who)
    for _ in 0..<2 {
      worker.say("{\"input\":\"in/0.png\"}")
      #expect(try worker.hear()?["status"] == "labelled")
      try FileManager.default.removeItem(atPath: binary.path("out"))
    }
  }

  @Test func aWorkerWithoutAProducerOnlyVerifies() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 2)
    #expect(try binary.run(["worker"], input: "").code == 64)
    let outcome = try binary.run(
      ["worker", "--verb", "verify", "--quiet"],
      input: "{\"input\":\"in/0.png\"}\n{\"verb\":\"label\",\"input\":\"in/0.png\",\"output\":\"o\"}\n")
    #expect(outcome.code == 0)
    let lines = try outcome.lines()
    #expect(lines.contains { $0["verdict"] == "none" })
    #expect(lines.contains { $0["error"]?["message"]?.string?.contains("--producer") == true })
  }

  @Test(arguments: [
    ["--sync", "batch"], ["--output", "o", "--in-place"], ["--jobs", "0"], ["--verb", "eat"],
  ])
  func usageMistakesAre64(_ arguments: [String]) throws {
    #expect(try Binary().run(["worker"] + arguments + who, input: "").code == 64)
  }

  @Test func aReaderThatGoesEndsTheWorker() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 2)
    let jobs = (0..<500).map { "{\"input\":\"in/0.png\",\"output\":\"o/\($0).png\"}" }.joined(separator: "\n")
    try binary.write("jobs", jobs)
    let command =
      "'\(Binary.path)' worker --producer P --layers metadata --sync none <jobs | head -n 1 >first; echo ${PIPESTATUS[0]}"
    let outcome = try binary.run(["-c", command], program: "/bin/bash")
    #expect(outcome.output == "2\n")
    #expect(outcome.errors.contains("cannot write results"))
    #expect(binary.tree("o").count < 500)
  }
}
