internal import MediaCore

/// A master element in memory, whole with its header. Offsets of its elements count from its first byte.
struct EBMLBuffer {
  let bytes: [UInt8]
  /// Where the first byte stands in the file.
  let base: Int
  /// The master itself.
  let root: EBMLElement

  /// Reads `element` of the file; `budget` is what may still be held in memory.
  init(_ element: EBMLElement, in reader: HeaderReader, budget: inout Int) throws(MediaError) {
    guard element.range.count <= budget else {
      throw MediaError(
        .limitExceeded, .metadata,
        "element at offset \(element.offset) of \(element.range.count) bytes exceeds the \(budget) allowed for indexes"
      )
    }
    budget -= element.range.count
    bytes = try reader.bytes(element.range.count, at: element.offset)
    base = element.offset
    root = EBMLElement(
      id: element.id, offset: 0, dataOffset: element.dataOffset - element.offset, length: element.length ?? 0)
  }

  /// The children of `master`, one after the other.
  func children(of master: EBMLElement) -> Cursor {
    Cursor(buffer: self, offset: master.dataOffset, end: master.end)
  }

  /// The text of a string element: it ends at the first zero (RFC 8794, 7.4). Bytes that are no UTF-8 are replaced.
  func text(_ element: EBMLElement) -> String {
    String(decoding: bytes[element.data].prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The value of an unsigned integer element; nil when it is longer than eight bytes.
  func unsigned(_ element: EBMLElement) -> UInt64? {
    element.data.count <= 8 ? bytes[element.data].reduce(0) { $0 << 8 | UInt64($1) } : nil
  }

  /// The value of a float element; nil for one of neither four nor eight bytes.
  func float(_ element: EBMLElement) -> Double? {
    guard let bits = unsigned(element) else { return nil }
    switch element.data.count {
    case 4: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case 8: return Double(bitPattern: bits)
    default: return nil
    }
  }

  /// Walks the children of a master.
  struct Cursor {
    fileprivate let buffer: EBMLBuffer
    fileprivate var offset: Int
    fileprivate let end: Int

    /// The next child; throws `malformed` when it does not fit into its parent.
    mutating func next() throws(MediaError) -> EBMLElement? {
      guard offset < end else { return nil }
      let head = buffer.bytes[offset..<min(end, offset + EBMLElement.headerBytes)]
      guard let child = EBMLElement(head, at: offset), child.length != nil, child.end <= end else {
        throw MediaError(
          .malformed, .decode,
          "no whole element at offset \(buffer.base + offset), inside the one at \(buffer.base) (RFC 8794)")
      }
      offset = child.end
      return child
    }
  }
}
