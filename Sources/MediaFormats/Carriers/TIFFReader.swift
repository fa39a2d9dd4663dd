/// The directories of a TIFF structure (TIFF 6.0, section 2), read so that no count or offset is believed before
/// it is checked against the bytes at hand.
struct TIFFReader {
  /// One field of a directory whose value lies inside the block.
  struct Entry {
    let tag: UInt16
    let type: UInt16
    /// Where the value's bytes are: in the entry itself up to four of them, elsewhere beyond.
    let value: Range<Int>
  }

  /// A directory in the order read.
  struct Directory {
    /// `IFD0`, `ExifIFD` or `IFD1`.
    let name: String
    /// The bytes of its table.
    let table: Range<Int>
    let entries: [Entry]
  }

  private static let exifPointer: UInt16 = 0x8769
  private static let long: UInt16 = 4
  private static let directory: UInt16 = 13

  let bytes: [UInt8]
  let isBigEndian: Bool
  // Some writers put the JPEG prefix in front of the structure where it does not belong; offsets start behind it.
  private let base: Int

  /// Nil unless `bytes` begin as a TIFF structure does.
  init?(_ bytes: [UInt8]) {
    base = bytes.starts(with: [0x45, 0x78, 0x69, 0x66, 0, 0]) ? 6 : 0
    self.bytes = bytes
    switch bytes.dropFirst(base).prefix(4) {
    case [0x49, 0x49, 0x2A, 0]: isBigEndian = false
    case [0x4D, 0x4D, 0, 0x2A]: isBigEndian = true
    default: return nil
    }
  }

  /// The number at `offset` from the start of `bytes`; nil outside.
  func uint16(at offset: Int) -> UInt16? {
    guard offset >= 0, offset <= bytes.count - 2 else { return nil }
    let (a, b) = (UInt16(bytes[offset]), UInt16(bytes[offset + 1]))
    return isBigEndian ? a << 8 | b : b << 8 | a
  }

  /// The number at `offset` from the start of `bytes`; nil outside.
  func uint32(at offset: Int) -> UInt32? {
    guard offset >= 0, offset <= bytes.count - 4, let a = uint16(at: offset), let b = uint16(at: offset + 2)
    else { return nil }
    return isBigEndian ? UInt32(a) << 16 | UInt32(b) : UInt32(b) << 16 | UInt32(a)
  }

  /// IFD0, its Exif directory and IFD1, each at most once however the offsets loop.
  func directories() -> [Directory] {
    var found: [Directory] = []
    var seen: Set<Int> = []
    func read(_ name: String, at offset: Int?) -> Int? {
      guard let offset, seen.insert(offset).inserted, let (directory, next) = directory(name, at: offset)
      else {
        return nil
      }
      found.append(directory)
      let pointer = directory.entries.first {
        $0.tag == Self.exifPointer && ($0.type == Self.long || $0.type == Self.directory)
      }
      if name != "ExifIFD", let pointer { _ = read("ExifIFD", at: position(at: pointer.value.lowerBound)) }
      return next
    }
    let second = read("IFD0", at: position(at: base + 4))
    _ = read("IFD1", at: second)
    return found
  }

  /// The offset stored at `offset`, counted from the start of `bytes`; nil for none.
  private func position(at offset: Int) -> Int? {
    guard let stored = uint32(at: offset), stored >= 8 else { return nil }
    return base + Int(stored)
  }

  private func directory(_ name: String, at offset: Int) -> (Directory, next: Int?)? {
    guard let count = uint16(at: offset) else { return nil }
    var entries: [Entry] = []
    var end = offset + 2
    for _ in 0..<count {
      guard end <= bytes.count - 12 else { break }
      if let entry = entry(at: end) { entries.append(entry) }
      end += 12
    }
    return (
      Directory(name: name, table: offset..<min(end + 4, bytes.count), entries: entries), position(at: end)
    )
  }

  private func entry(at offset: Int) -> Entry? {
    guard let tag = uint16(at: offset), let type = uint16(at: offset + 2), let count = uint32(at: offset + 4),
      let unit = Self.size(of: type)
    else { return nil }
    let size = Int(count) * unit
    guard size > 0 else { return nil }
    guard let start = size <= 4 ? offset + 8 : uint32(at: offset + 8).map({ base + Int($0) }),
      size <= bytes.count, start <= bytes.count - size
    else { return nil }
    return Entry(tag: tag, type: type, value: start..<start + size)
  }

  private static func size(of type: UInt16) -> Int? {
    switch type {
    case 1, 2, 6, 7, 129: 1
    case 3, 8: 2
    case 4, 9, 11, 13: 4
    case 5, 10, 12: 8
    default: nil
    }
  }
}
