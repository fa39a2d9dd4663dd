import Foundation

/// One thing to measure: commands that together treat a number of pictures.
struct Job {
  let name: String
  /// Run one after the other; what they cost is added up.
  let commands: [[String]]
  var environment = ["LC_ALL": "C"]
  let pictures: Int
  /// Folder that is emptied before a round and must hold `pictures` files after it.
  var output: String?
  var allowedStatuses: Set<Int32> = [0]

  /// Runs all commands once.
  func run(round: Int, log: String) throws -> Sample {
    if let output { try Tool.clear(output) }
    var sample = Sample(round: round, job: name, pictures: pictures)
    for command in commands {
      let line = try Tool.run([Tool.sibling("measure"), log] + command, environment: environment)
      let numbers = line.split(separator: " ").compactMap { Int($0) }
      guard numbers.count == 5 else { throw Failure("\(name): measure said '\(line)'") }
      guard allowedStatuses.contains(Int32(numbers[4])) else {
        let errors = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        throw Failure("\(name): exit status \(numbers[4])\n\(errors.suffix(2000))")
      }
      sample.userMS += Double(numbers[0]) / 1000
      sample.systemMS += Double(numbers[1]) / 1000
      sample.wallMS += Double(numbers[2]) / 1000
      sample.peakKB = max(sample.peakKB, numbers[3])
    }
    if let output {
      let count = try FileManager.default.contentsOfDirectory(atPath: output).count
      guard count == pictures else { throw Failure("\(name): wrote \(count) files instead of \(pictures)") }
    }
    return sample
  }
}

/// What a job cost in one round.
struct Sample: Encodable {
  let round: Int
  let job: String
  let pictures: Int
  var userMS = 0.0
  var systemMS = 0.0
  var wallMS = 0.0
  var peakKB = 0
  let load = Machine.load

  init(round: Int, job: String, pictures: Int) {
    self.round = round
    self.job = job
    self.pictures = pictures
  }

  var cpuMSPerPicture: Double { (userMS + systemMS) / Double(pictures) }
  var picturesPerSecond: Double { Double(pictures) * 1000 / wallMS }
  var peakMB: Double { Double(peakKB) / 1024 }
}
