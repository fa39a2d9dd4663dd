import Foundation

/// Where, when and with what a run was made: the first line of the samples.
struct Machine: Encodable {
  let date: String
  let commit: String
  let touchmarkSHA256: String
  let cpu: String
  let cores: Int
  let kernel: String
  let loadBefore: String
  var loadAfter = ""
  let libjpeg: String
  let pillow: String
  let exiftool: String
  let rounds: Int
  let pictures: Int
  let seed: UInt64

  /// `commit` is that of the working tree in which the measured binary was built.
  init(_ options: Options, binary: String, cores: Int) throws {
    let tree = URL(fileURLWithPath: options.touchmark).deletingLastPathComponent().path
    date = Date().formatted(.iso8601)
    let git = ["git", "-C", tree]
    let changes = try? Tool.run(git + ["status", "--porcelain", "-uno", ":/Sources", ":/Package.swift"])
    let head = (try? Tool.run(git + ["rev-parse", "--short", "HEAD"])) ?? "unknown"
    commit = changes?.isEmpty == false ? head + "+changes" : head
    touchmarkSHA256 = String(try Tool.run(["sha256sum", binary]).prefix(64))
    cpu = Self.model ?? "unknown"
    self.cores = cores
    kernel = try Tool.run(["uname", "-srm"])
    loadBefore = Self.load
    libjpeg = (try? Tool.run(["dpkg-query", "-Wf", "${Version}", "libjpeg62-turbo"])) ?? "unknown"
    pillow = try Tool.run([options.python, "-c", "import PIL; print(PIL.__version__)"])
    exiftool = try Tool.run(["exiftool", "-ver"])
    rounds = options.rounds
    pictures = options.pictures
    seed = options.seed
  }

  /// Date, processor and commit, as a file name.
  var fileName: String {
    let name = "\(date.prefix(10))-\(cpu)-\(commit)"
    return name.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.joined(separator: "-")
  }

  /// Load averages over 1, 5 and 15 minutes.
  static var load: String {
    let text = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
    return text.split(separator: " ").prefix(3).joined(separator: " ")
  }

  private static var model: String? {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
  }
}
