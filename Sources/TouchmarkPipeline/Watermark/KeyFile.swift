internal import Labels
public import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A file that holds one watermark key, readable by its owner alone: a line that says what it is, one that names the key,
/// and one of 64 hexadecimal digits.
public enum KeyFile {
  private static let title = "touchmark watermark key 1"
  private static let largest = 4096

  /// Where the user's own key lies: `touchmark/watermark.key` in $XDG_CONFIG_HOME, or in ~/.config; nil where neither is
  /// known.
  public static var standardPath: FilePath? {
    for (variable, folder) in [("XDG_CONFIG_HOME", ""), ("HOME", "/.config")] {
      guard let value = getenv(variable), value.pointee != 0 else { continue }
      return FilePath(String(cString: value) + folder + "/touchmark/watermark.key")
    }
    return nil
  }

  /// Whether there is anything at `path`.
  public static func exists(_ path: FilePath) -> Bool { path.withCString { access($0, F_OK) == 0 } }

  /// Reads the key in `path`. Throws `io` for a file that cannot be read, `invalidArgument` for one that holds no key.
  public static func read(_ path: FilePath) throws(MediaError) -> WatermarkKey {
    let text = try InputFile(path).read(largest)
    let lines = text.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    guard lines.first == title, let digits = lines.last, digits.utf8.count == 2 * WatermarkKey.byteCount,
      let key = WatermarkKey(bytes: bytes(digits))
    else {
      throw MediaError(
        .invalidArgument, .label,
        "'\(path)' is no key file: it must begin with '\(title)'; touchmark keygen makes one")
    }
    return key
  }

  /// Writes a new random key to `path`, which must not exist; its folders are made. Throws `io`.
  public static func create(_ path: FilePath) throws(MediaError) -> WatermarkKey {
    var random = SystemRandomNumberGenerator()
    let bytes = (0..<WatermarkKey.byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
    guard let key = WatermarkKey(bytes: bytes) else {
      throw MediaError(.internalFault, .label, "a key has the wrong length")
    }
    try makeFolder(path.folder)
    let text = "\(title)\nid \(key.id)\n\(hexadecimal(bytes))\n"
    let descriptor = path.withCString {
      open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    }
    guard descriptor >= 0 else { throw .system(.label, "cannot make the key file '\(path)'") }
    defer { close(descriptor) }
    let data = Array(text.utf8)
    guard data.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == data.count,
      fsync(descriptor) == 0
    else {
      let error = MediaError.system(.label, "cannot write the key file '\(path)'")
      _ = path.withCString { unlink($0) }
      throw error
    }
    return key
  }

  private static func makeFolder(_ folder: FilePath) throws(MediaError) {
    if folder.bytes.isEmpty || exists(folder) { return }
    if folder.folder != folder { try makeFolder(folder.folder) }
    let status = folder.withCString { mkdir($0, 0o700) }
    guard status == 0 || errno == EEXIST else { throw .system(.label, "cannot make the folder '\(folder)'") }
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  private static func bytes(_ digits: String) -> [UInt8] {
    let values = digits.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    guard values.count == digits.utf8.count, values.count % 2 == 0 else { return [] }
    return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
  }
}
