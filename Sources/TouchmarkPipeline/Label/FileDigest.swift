internal import Crypto
internal import MediaCore

/// SHA-256 of a file as lower-case hexadecimal digits.
enum FileDigest {
  private static let chunk = 256 << 10

  static func sha256(_ file: InputFile, scratch: Scratch) throws(MediaError) -> String {
    let buffer = scratch.borrow(chunk)
    var hash = SHA256()
    var offset = 0
    while offset < file.size {
      let count = try file.read(into: buffer.bytes, at: offset)
      guard count > 0 else { throw MediaError(.io, .decode, "file shrank while it was read") }
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count]))
      offset += count
    }
    return hexadecimal(hash.finalize())
  }

  private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
