internal import MediaCore

/// Two independent 64-bit FNV-1a digests of a path's components: 16 bytes that stand for a path of any length.
struct PathDigest: Sendable, Hashable {
  private(set) var a: UInt64 = 0xcbf2_9ce4_8422_2325
  private(set) var b: UInt64 = 0x9ae1_6a3b_2f90_404f

  /// Of a path; spellings that differ by `.` or repeated slashes alone are one.
  init(_ path: FilePath) {
    if path.isAbsolute { add(0x2F) }
    for component in path.components {
      for byte in component { add(byte) }
      add(0)
    }
  }

  /// Of any text.
  init(text: String) { for byte in text.utf8 { add(byte) } }

  init(_ identity: FileStatus.Identity) {
    a = identity.device
    b = identity.inode
  }

  private mutating func add(_ byte: UInt8) {
    a = (a ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    b = (b ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    b ^= b >> 29
  }
}
