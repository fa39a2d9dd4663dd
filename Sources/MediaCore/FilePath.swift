#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A path as the system has it: bytes without a NUL, most often UTF-8 but not by any promise of the kernel's. A
/// `String` would replace what is not UTF-8 and then name no file at all.
public struct FilePath: Sendable, Hashable, CustomStringConvertible {
  /// The bytes, without the closing NUL.
  public let bytes: [UInt8]

  private static let slash = UInt8(ascii: "/")

  /// A path of text.
  public init(_ text: String) { bytes = Array(text.utf8) }
  /// A path of bytes up to the first NUL, if there is one.
  public init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes.prefix { $0 != 0 }) }

  /// The path as text; bytes that are not UTF-8 show as U+FFFD.
  public var description: String { String(decoding: bytes, as: UTF8.self) }
  /// Whether `description` names the same file.
  public var isText: Bool { String(validating: bytes, as: UTF8.self) != nil }
  /// Whether it starts at the root.
  public var isAbsolute: Bool { bytes.first == Self.slash }

  /// Calls `body` with the path as the system's functions take it.
  public func withCString<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
    try (bytes + [0]).withUnsafeBufferPointer { buffer in
      try buffer.withMemoryRebound(to: CChar.self) { text in
        guard let base = text.baseAddress else { preconditionFailure("a terminated path is not empty") }
        return try body(base)
      }
    }
  }

  /// The absolute path that leads to the same file without links; nil, with the reason in `errno`, where there is none.
  public var resolved: FilePath? {
    guard let target = withCString({ realpath($0, nil) }) else { return nil }
    defer { free(target) }
    return FilePath(
      bytes: UnsafeBufferPointer(start: target, count: strlen(target)).map { UInt8(bitPattern: $0) })
  }

  /// What follows the last slash.
  public var name: [UInt8] { Array(bytes.suffix(from: (bytes.lastIndex(of: Self.slash) ?? -1) + 1)) }

  /// The path of the folder that holds it: `.` for a bare name, `/` for what lies in the root.
  public var folder: FilePath {
    guard let slash = bytes.lastIndex(of: Self.slash) else { return FilePath(".") }
    return FilePath(bytes: slash == 0 ? bytes[...0] : bytes[..<slash])
  }

  /// The last extension of the name in lower case without the dot; empty without one.
  public var fileExtension: String {
    let name = name
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0 else { return "" }
    return String(decoding: name[(dot + 1)...], as: UTF8.self).lowercased()
  }

  /// The path of `other` seen from here: `other` itself when it is absolute.
  public func appending(_ other: FilePath) -> FilePath {
    if other.isAbsolute || bytes.isEmpty { return other }
    return bytes.last == Self.slash
      ? FilePath(bytes: bytes + other.bytes) : FilePath(bytes: bytes + [Self.slash] + other.bytes)
  }

  /// The names between the slashes, without `.` and empty ones; `..` stays, for what it means depends on links.
  public var components: [[UInt8]] {
    bytes.split(separator: Self.slash).map(Array.init).filter { $0 != [UInt8(ascii: ".")] }
  }
}
