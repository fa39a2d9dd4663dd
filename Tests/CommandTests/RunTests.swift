import Foundation
import MediaCore
import Testing

/// Runs under conditions that are not ideal.
@Suite struct RunTests {
  private let who = ["--producer", Binary.producer, "--layers", "explicit,metadata"]

  @Test func shardsOfALabelRunMakeTheWhole() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 12)
    var counts: [Int] = []
    for index in 1...3 {
      let outcome = try binary.run(
        ["label", "in", "--output", "out", "--shard", "\(index)/3", "--report", "-"] + who)
      #expect(outcome.code == 0)
      #expect(try outcome.lines().first?["configuration"]?["shard"]?.string == "\(index)/3")
      counts.append(try outcome.lines().filter { $0["status"] == "labelled" }.count)
    }
    #expect(counts.reduce(0, +) == 12)
    #expect(binary.tree("out").count == 12)
    let outcome = try binary.run(["label", "in", "--output", "out", "--shard", "4/3"] + who)
    #expect(outcome.code == 64)
    #expect(outcome.errors.contains("--shard takes I/N"))
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func aSignalEndsARunThatWaitsForItsManifest(_ signal: Int32)
    throws
  {
    let binary = try Binary()
    try binary.gallery("in", count: 2)
    let run = try Conversation(
      binary, ["label", "--manifest", "-", "--output", "out", "--sync", "batch", "--report", "-"] + who)
    #expect(try run.hear()?["type"] == "begin")
    run.say("{\"input\":\"in/0.png\"}")
    // It is told before more has come, although its group could take more.
    #expect(try run.hear()?["status"] == "labelled")
    run.send(signal)
    #expect(try run.hear()?["interrupted"] == true)
    #expect(run.exitCode() == 130)
    #expect(binary.tree("out").count == 1)
  }

  @Test func anOutputFolderThatIsTakenAwayFailsWhatFollowsAndResumeFinishes() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 4)
    let run = try Conversation(
      binary, ["label", "--manifest", "-", "--output", "out", "--jobs", "1", "--report", "-"] + who)
    _ = try run.hear()
    run.say("{\"input\":\"in/0.png\"}")
    #expect(try run.hear()?["status"] == "labelled")
    try FileManager.default.removeItem(atPath: binary.path("out"))
    run.say("{\"input\":\"in/2.png\"}")
    let failed = try #require(try run.hear())
    #expect(failed["status"] == "failed")
    #expect(failed["error"]?["message"]?.string?.contains("No such file") == true)
    try run.endInput()
    _ = try run.hear()
    #expect(run.exitCode() == 2)
    #expect(try binary.run(["label", "in", "--output", "out", "--resume"] + who).code == 0)
    #expect(binary.tree("out").count == 4)
  }

  @Test func manyWorkersGetByWithFewOpenFiles() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 30)
    for sync in ["file", "batch"] {
      let command =
        "ulimit -n 64; exec '\(Binary.path)' label in --output out-\(sync) --producer P --jobs 64 --sync \(sync) --report -"
      let outcome = try binary.run(["-c", command], program: "/bin/bash")
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(binary.tree("out-\(sync)").count == 30)
      let jobs = try outcome.lines().first?["configuration"]?["jobs"]
      #expect(jobs == 8, "the report tells how many there were")
    }
  }

  @Test(.enabled(if: FileManager.default.isWritableFile(atPath: "/dev/shm")))
  func outputsMayLieOnAnotherFileSystem() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 4)
    let out = "/dev/shm/touchmark-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: out) }
    #expect(try binary.run(["label", "in", "--output", out] + who).code == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: out + "").count == 4)
  }

  @Test func namesOfAnyBytesAreReportedSoThatTheyCanBeReadBack() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 2)
    let names: [[UInt8]] = [
      Array("in/new\nline \" \\ .png".utf8), [0x69, 0x6E, 0x2F, 0xFF, 0xC3, 0x2E, 0x70, 0x6E, 0x67],
    ]
    for name in names {
      let bytes = try #require(FileManager.default.contents(atPath: binary.path("in/0.png")))
      let output = try OutputFile(FilePath(binary.folder).appending(FilePath(bytes: name)))
      try output.write([UInt8](bytes))
      try output.commit(.rename)
    }
    let outcome = try binary.run(["label", "in", "--output", "out", "--report", "-", "--verbose"] + who)
    #expect(outcome.code == 0, "\(outcome)")
    let files = try outcome.lines().filter { $0["type"] == "file" }
    #expect(files.count == 4)
    #expect(
      outcome.errors.split(separator: "\n").filter { $0.hasPrefix("touchmark: labelled  in/") }.count == 4)
    // The lines are a manifest for verify: outputs become inputs.
    let manifest = files.map { file -> String in
      var members: [(String, JSONValue)] = []
      if let path = file["output"] { members.append(("input", path)) }
      if let bytes = file["outputBytes"] { members.append(("inputBytes", bytes)) }
      return JSONValue.object(members).text
    }.joined(separator: "\n")
    let verified = try binary.run(["verify", "--manifest", "-"], input: manifest)
    #expect(verified.code == 0, "\(verified)")
    #expect(verified.output.contains("confirmed 4"))
  }

  @Test func withoutItsLibraryVideoFailsWithARemedyAndTheRestGoesOn() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 2)
    let make = try binary.run(
      [
        "-v", "error", "-f", "lavfi", "-i", "testsrc=size=128x128:rate=10:duration=1",
        binary.path("in/clip.mp4"),
      ],
      program: "/usr/bin/ffmpeg")
    #expect(make.code == 0)
    // A file of the library's name that is none stands in front of the real one, whatever its version is here.
    for version in 50..<70 { try binary.write("no/libavutil.so.\(version)", "no library") }
    let command =
      "LD_LIBRARY_PATH=no exec '\(Binary.path)' label in --output out --producer P --report - \"$@\""
    let outcome = try binary.run(["-c", command, "sh"] + who.suffix(2), program: "/bin/bash")
    #expect(outcome.code == 2)
    #expect(binary.tree("out").count == 2)
    let failed = try #require(try outcome.lines().first { $0["status"] == "failed" })
    let message = failed["error"]?["message"]?.string ?? ""
    #expect(message.contains("libavutil.so"), "\(message)")
    #expect(message.contains("install"), "\(message)")
    let metadata = try binary.run(
      ["-c", command, "sh", "--resume", "--layers", "metadata"], program: "/bin/bash")
    #expect(metadata.code == 0, "metadata needs no codec: \(metadata)")
  }

  @Test func theSummaryNamesReasonsAndTheFirstFiles() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 2)
    for index in 0..<5 { try binary.write("in/broken\(index).png", "no picture") }
    let outcome = try binary.run(["label", "in", "--output", "out"] + who)
    #expect(outcome.output.contains("\n  2 image ("))
    #expect(outcome.output.contains("\n  failed 5 unsupported: "))
    #expect(outcome.output.contains(", …"))
    #expect(try binary.run(["label", "in", "--output", "out", "--quiet", "--verbose"] + who).code == 64)
  }
}
