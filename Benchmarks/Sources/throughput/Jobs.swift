import Foundation

/// The table of jobs over one set of pictures.
struct Jobs {
  let touchmark: String
  let python: String
  let folder: String
  let cores: Int
  let pictures: [Corpus.Kind: [String]]

  /// Every job, touchmark's first.
  var all: [Job] {
    label(.jpeg) + [label(.optimised, jobs: 1)] + label(.png) + [unchecked(.jpeg), unchecked(.png)]
      + [metadata(.jpeg), metadata(.png)] + verify(.jpeg) + verify(.png)
      + [verifyUnlabelled(.jpeg), verifyUnlabelled(.png)]
      + [bare("bare-jpeg", .jpeg, "standard"), bare("bare-optimised", .optimised, "optimised")]
      + [pillow("draw", .jpeg), pillow("draw", .png), pillow("save", .png)]
      + [exiftoolBatch(.jpeg), exiftoolBatch(.png), exiftoolEach(.jpeg), exiftoolEach(.png)]
  }

  static func input(_ kind: Corpus.Kind, in folder: String) -> String { "\(folder)/\(kind.rawValue)" }
  static func labelled(_ kind: Corpus.Kind, in folder: String) -> String {
    "\(folder)/labelled-\(kind.rawValue)"
  }

  /// Pictures with both labels, for the jobs that verify.
  func prepareLabelled() throws {
    for kind in [Corpus.Kind.jpeg, .png] {
      let output = Self.labelled(kind, in: folder)
      try Tool.clear(output)
      try Tool.run(labelling(kind, jobs: cores, output))
    }
  }

  /// Worker counts: the powers of two below the number of cores, and that number.
  private var levels: [Int] {
    sequence(first: 1) { $0 * 2 }.prefix { $0 < cores } + [cores]
  }

  private func labelling(
    _ kind: Corpus.Kind, layers: String = "explicit,metadata", jobs: Int = 1, _ output: String
  ) -> [String] {
    [
      touchmark, "label", Self.input(kind, in: folder), "--output", output, "--layers", layers, "--quiet",
      "--producer", "001191110000MA0000000H10001", "--jobs", "\(jobs)",
    ]
  }

  private func label(_ kind: Corpus.Kind, jobs: Int) -> Job {
    writing("label-\(kind.rawValue)-j\(jobs)", kind) { [labelling(kind, jobs: jobs, $0)] }
  }

  private func label(_ kind: Corpus.Kind) -> [Job] { levels.map { label(kind, jobs: $0) } }

  private func unchecked(_ kind: Corpus.Kind) -> Job {
    writing("unchecked-\(kind.rawValue)-j1", kind) { [labelling(kind, $0) + ["--check", "none"]] }
  }

  private func metadata(_ kind: Corpus.Kind) -> Job {
    writing("metadata-\(kind.rawValue)-j1", kind) { [labelling(kind, layers: "metadata", $0)] }
  }

  private func verify(_ kind: Corpus.Kind) -> [Job] {
    levels.map { jobs in
      let command = [touchmark, "verify", Self.labelled(kind, in: folder), "--quiet", "--jobs", "\(jobs)"]
      return Job(name: "verify-\(kind.rawValue)-j\(jobs)", commands: [command], pictures: count(kind))
    }
  }

  private func verifyUnlabelled(_ kind: Corpus.Kind) -> Job {
    let command = [touchmark, "verify", Self.input(kind, in: folder), "--quiet", "--jobs", "1"]
    return Job(
      name: "verify-unlabelled-\(kind.rawValue)-j1", commands: [command], pictures: count(kind),
      allowedStatuses: [1])
  }

  private func bare(_ name: String, _ kind: Corpus.Kind, _ coding: String) -> Job {
    let command = [Tool.sibling("bare-jpeg"), coding] + files(kind)
    return Job(name: name, commands: [command], pictures: count(kind))
  }

  private func pillow(_ mode: String, _ kind: Corpus.Kind) -> Job {
    writing("pillow-\(mode)-\(kind.rawValue)", kind) {
      [[python, Tool.package + "/pillow.py", mode, $0] + files(kind)]
    }
  }

  private func exiftoolBatch(_ kind: Corpus.Kind) -> Job {
    writing("exiftool-batch-\(kind.rawValue)", kind) { [exiftool($0, files(kind))] }
  }

  private func exiftoolEach(_ kind: Corpus.Kind) -> Job {
    writing("exiftool-each-\(kind.rawValue)", kind) { output in files(kind).map { exiftool(output, [$0]) } }
  }

  /// Writes text of about the length of an AIGC label into XMP.
  private func exiftool(_ output: String, _ files: [String]) -> [String] {
    let value = #"{"Label":"1","ContentProducer":"001191110000MA0000000H10001","ProduceID":"0123456789ab"}"#
    return ["exiftool", "-q", "-XMP-dc:Source=" + value, "-o", output + "/"] + files
  }

  private func writing(_ name: String, _ kind: Corpus.Kind, _ commands: (String) -> [[String]]) -> Job {
    let output = "\(folder)/out-\(name)"
    return Job(name: name, commands: commands(output), pictures: count(kind), output: output)
  }

  private func files(_ kind: Corpus.Kind) -> [String] { pictures[kind] ?? [] }
  private func count(_ kind: Corpus.Kind) -> Int { files(kind).count }
}
