internal import Crypto
internal import MediaCore

/// SHA-256 of a file.
enum FileDigest {
  private static let chunk = 256 << 10

  /// Lower-case hexadecimal digits. Of what was `seen` as it was written, unless some passed it by.
  static func sha256(
    _ file: InputFile, seen: RunningDigest? = nil, scratch: Scratch
  ) throws(MediaError) -> String {
    if let seen, seen.count == file.size { return seen.digits }
    let digest = RunningDigest()
    let buffer = scratch.borrow(min(chunk, file.size))
    while digest.count < file.size {
      let count = try file.read(into: buffer.bytes, at: digest.count)
      guard count > 0 else { throw MediaError(.io, .decode, "file shrank while it was read") }
      digest.update(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count]))
    }
    return digest.digits
  }
}

/// SHA-256 of bytes as they come. Owned by one worker.
final class RunningDigest {
  private var hash = SHA256()
  /// Bytes that have come.
  private(set) var count = 0

  func update(_ bytes: UnsafeRawBufferPointer) {
    hash.update(bufferPointer: bytes)
    count += bytes.count
  }

  /// Lower-case hexadecimal digits of what has come so far.
  var digits: String {
    let digest = hash.finalize()
    return String(unsafeUninitializedCapacity: 2 * SHA256.byteCount) { text in
      for (place, byte) in digest.enumerated() {
        text[2 * place] = Self.digit(byte >> 4)
        text[2 * place + 1] = Self.digit(byte & 15)
      }
      return 2 * SHA256.byteCount
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
