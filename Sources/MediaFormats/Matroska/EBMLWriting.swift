internal import CImageIO

/// Spells elements.
enum EBMLWriting {
  /// `size` as a size field of at least `width` bytes. All ones mean unknown, so that value takes a byte more.
  static func size(_ size: Int, width: Int = 1) -> [UInt8] {
    var width = max(1, width)
    while width < 8, size >= 1 << (7 * width) - 1 { width += 1 }
    let field = UInt64(size) | UInt64(1) << (7 * UInt64(width))
    return Array(field.bigEndianBytes.suffix(width))
  }

  /// ID and size of an element with `count` bytes of data.
  static func header(_ id: EBMLID, _ count: Int, width: Int) -> [UInt8] {
    id.bytes + size(count, width: width)
  }

  /// An element whose size field takes at least `width` bytes.
  static func element(_ id: EBMLID, _ data: [UInt8], width: Int = 1) -> [UInt8] {
    id.bytes + size(data.count, width: width) + data
  }

  /// An unsigned integer element whose data takes at least `width` bytes.
  static func unsigned(_ id: EBMLID, _ value: Int, width: Int = 1) -> [UInt8] {
    let needed = (UInt64.bitWidth - UInt64(value).leadingZeroBitCount + 7) / 8
    return element(id, Array(UInt64(value).bigEndianBytes.suffix(max(1, width, needed))))
  }

  /// A Void element of `count` bytes in all, at least two.
  static func void(_ count: Int) -> [UInt8] {
    for width in 1...8 where count > width {
      let data = count - 1 - width
      let field = size(data, width: width)
      if field.count == width { return EBMLID.void.bytes + field + Array(repeating: 0, count: data) }
    }
    return []
  }

  /// A master with `children`; a CRC-32 that leads them is computed anew (RFC 8794, 11.3.1).
  static func master(_ id: EBMLID, _ children: [UInt8], width: Int) -> [UInt8] {
    var children = children
    if children.starts(with: [0xBF, 0x84]), children.count >= 6 {
      let crc = children.withUnsafeBufferPointer { all in
        let rest = UnsafeBufferPointer(rebasing: all[6...])
        return tm_crc32(0, rest.baseAddress, rest.count)
      }
      children.replaceSubrange(2..<6, with: crc.littleEndianBytes)
    }
    return element(id, children, width: width)
  }
}
