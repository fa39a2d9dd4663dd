internal import MediaCore

/// Changes to the elements of one master; every byte that they do not reach is kept.
struct EBMLPatch {
  /// New bytes of elements by their offset in the buffer; empty takes the element away.
  var replacements: [Int: [UInt8]] = [:]
  /// Elements to put behind the last child of the master at an offset.
  var additions: [Int: [UInt8]] = [:]

  /// The whole master with the changes, sizes and CRC-32 of all parents following.
  func applied(to buffer: EBMLBuffer) throws(MediaError) -> [UInt8] {
    let places = (Array(replacements.keys) + Array(additions.keys)).sorted()
    return try rebuilt(buffer.root, of: buffer, places: places)
  }

  private func rebuilt(
    _ element: EBMLElement, of buffer: EBMLBuffer, places: [Int]
  ) throws(MediaError) -> [UInt8] {
    if let new = replacements[element.offset] { return new }
    guard Self.contains(places, element.range) else { return Array(buffer.bytes[element.range]) }
    var children: [UInt8] = []
    children.reserveCapacity(element.data.count)
    var cursor = buffer.children(of: element)
    while let child = try cursor.next() {
      if Self.contains(places, child.range) {
        children += try rebuilt(child, of: buffer, places: places)
      } else {
        children += buffer.bytes[child.range]
      }
    }
    children += additions[element.offset] ?? []
    return EBMLWriting.master(element.id, children, width: element.sizeBytes)
  }

  private static func contains(_ places: [Int], _ range: Range<Int>) -> Bool {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle] < range.lowerBound { low = middle + 1 } else { high = middle }
    }
    return low < places.count && places[low] < range.upperBound
  }
}
