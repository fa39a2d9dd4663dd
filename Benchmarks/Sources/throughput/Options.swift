/// What the command line asks for.
struct Options {
  var touchmark = ".build/release/touchmark"
  var python = "/usr/bin/python3"
  var rounds = 5
  var pictures = 50
  var seed: UInt64 = 1
  var only: [String] = []
  var isListing = false
  var results: String?

  static let usage = """
    usage: throughput [--touchmark FILE] [--rounds N] [--pictures N] [--only NAME,…] [--seed N]
                      [--python FILE] [--results FOLDER] [--list]

    --only NAME,…     jobs to run, by name or by the start of a name followed by *
    --results FOLDER  keep table and samples there; by default only complete runs of at least
                      5 rounds of 40 pictures are kept, in Benchmarks/results
    --list            name the jobs and stop
    """

  init(_ arguments: some Sequence<String>) throws(Failure) {
    var iterator = arguments.makeIterator()
    while let option = iterator.next() {
      if option == "--list" {
        isListing = true
        continue
      }
      guard let value = iterator.next() else { throw Failure("\(option)?\n\(Self.usage)") }
      switch option {
      case "--touchmark": touchmark = value
      case "--python": python = value
      case "--rounds": rounds = try Self.number(option, value)
      case "--pictures": pictures = try Self.number(option, value)
      case "--seed": seed = UInt64(try Self.number(option, value))
      case "--only": only = value.split(separator: ",").map(String.init)
      case "--results": results = value
      default: throw Failure("\(option)?\n\(Self.usage)")
      }
    }
  }

  /// Whether the figures of this run may stand in the repository.
  var isComplete: Bool { only.isEmpty && rounds >= 5 && pictures >= 40 }

  /// The names that `--only` chooses; every part of it has to choose one.
  func choose(from names: [String]) throws(Failure) -> [String] {
    if only.isEmpty { return names }
    var chosen: Set<String> = []
    for part in only {
      let matches = names.filter { part.hasSuffix("*") ? $0.hasPrefix(part.dropLast()) : $0 == part }
      if matches.isEmpty { throw Failure("no job is named \(part); --list names them") }
      chosen.formUnion(matches)
    }
    return names.filter(chosen.contains)
  }

  private static func number(_ option: String, _ value: String) throws(Failure) -> Int {
    guard let number = Int(value), number > 0 else { throw Failure("\(option) takes a positive number") }
    return number
  }
}

/// Why the benchmark stops.
struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
