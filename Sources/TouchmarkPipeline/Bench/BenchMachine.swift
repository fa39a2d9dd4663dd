internal import CSystem
internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The machine that a benchmark ran on.
public struct BenchMachine: Sendable {
  /// The processor's own name; `unknown` where the system does not tell.
  public let processor: String
  /// Processors that are on.
  public let cores = Machine.cores
  /// Processes that were running or waiting on average in the last minute, before and after.
  public internal(set) var load: [Double]

  init() {
    processor = Self.line(of: "/proc/cpuinfo", named: "model name") ?? "unknown"
    load = [Self.currentLoad]
  }

  static var currentLoad: Double {
    var load = 0.0
    return getloadavg(&load, 1) == 1 ? load : 0
  }

  /// Gives memory back and forgets the peak so far; where the system cannot forget it, peaks only grow.
  static func resetPeak() {
    tm_release_freed_memory()
    let descriptor = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = write(descriptor, "5", 1)
    close(descriptor)
  }

  /// Most bytes resident since `resetPeak`.
  static var peakBytes: Int {
    if let text = line(of: "/proc/self/status", named: "VmHWM"),
      let kilobytes = Int(text.prefix { $0.isNumber })
    {
      return kilobytes << 10
    }
    var usage = rusage()
    // 0 is RUSAGE_SELF, which Glibc does not import as a number.
    getrusage(0, &usage)
    #if os(Linux)
      return Int(usage.ru_maxrss) << 10
    #else
      return Int(usage.ru_maxrss)
    #endif
  }

  /// What follows `name:` in a file of the system's.
  private static func line(of path: String, named name: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 14) { buffer, count in
      count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
    }
    for line in bytes.split(separator: 0x0A) where line.starts(with: name.utf8) {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
      return String(decoding: value, as: UTF8.self)
    }
    return nil
  }
}
