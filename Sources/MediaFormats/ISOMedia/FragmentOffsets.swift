internal import MediaCore

/// The absolute offsets outside of the movie box: base offsets of fragments, segment and random access indexes, items.
/// All are put right in their own bytes, so that nothing moves again.
struct FragmentOffsets {
  let input: InputFile
  let shift: ByteShift
  /// Whether fragments and what points to them stay.
  var keepsFragments = true
  let limits: Limits

  /// Adds to `edits` what has to change behind the front of the file. `carriers` are `meta` boxes that change anyway,
  /// by offset; they are put right and added as well.
  func fix(_ edits: inout ByteEdits, carriers: [Int: [UInt8]]) throws(MediaError) {
    guard !shift.isNone || !carriers.isEmpty else { return }
    var walk = TopLevelBoxes(input)
    while let box = try walk.next() {
      if !keepsFragments, [.moof, .sidx, .mfra].contains(box.type) { continue }
      switch box.type {
      case .moof: try fixFragment(box, &edits)
      case .sidx: try fixIndex(box, &edits)
      case .mfra: try fixRandomAccess(box, &edits)
      case .meta: try fixItems(box, &edits, carriers[box.range.lowerBound])
      default: break
      }
    }
  }

  /// `base_data_offset` of `tfhd` (8.8.7); without it data is counted from the fragment and moves with it.
  private func fixFragment(_ box: TopLevelBox, _ edits: inout ByteEdits) throws(MediaError) {
    let tree = try tree(box)
    for index in tree.boxes.indices where tree.boxes[index].type == BoxType("tfhd") {
      let start = tree.boxes[index].content.lowerBound
      guard let flags = tree.number(4, at: start, in: index), flags & 1 == 1,
        let offset = tree.number(8, at: start + 8, in: index)
      else { continue }
      let new = try shift.position(of: offset)
      if new == offset { continue }
      try edits.replace(tree.base + start + 8..<tree.base + start + 16, with: new.bigEndianBytes)
    }
  }

  /// Distances change only where the movie box stands between the index and what it points to.
  private func fixIndex(_ box: TopLevelBox, _ edits: inout ByteEdits) throws(MediaError) {
    var bytes = try input.whole(box, limits: limits)
    let start = box.range.lowerBound
    guard let index = SegmentIndex(bytes, at: start, header: box.content - start) else { return }
    let before = bytes
    let anchor = try shift.position(of: UInt64(index.anchor))
    var position = UInt64(index.first)
    var moved = try shift.position(of: position)
    try bytes.put(moved &- anchor, index.firstField.width, at: index.firstField.offset)
    for (number, reference) in index.references.enumerated() {
      position += UInt64(reference.size)
      let next = try shift.position(of: position)
      let place = index.referencesOffset + 12 * number
      let size = next &- moved
      guard size < 1 << 31 else {
        throw MediaError(.unsupported, .metadata, "a segment of 'sidx' would grow to \(size) bytes")
      }
      try bytes.put(UInt64(bytes[place] & 0x80) << 24 | size, 4, at: place)
      moved = next
    }
    if bytes != before { try edits.replace(box.range, with: bytes) }
  }

  /// Offsets of `moof` boxes in `tfra` (8.8.10).
  private func fixRandomAccess(_ box: TopLevelBox, _ edits: inout ByteEdits) throws(MediaError) {
    let tree = try tree(box)
    var bytes = tree.bytes
    for index in tree.boxes.indices where tree.boxes[index].type == BoxType("tfra") {
      var fields = BoxFields(tree, index)
      let width = try fields.next(1) == 1 ? 8 : 4
      try fields.skip(7)
      let sizes = try fields.next(4)
      let rest = [4, 2, 0].reduce(3) { $0 + Int(sizes >> UInt64($1) & 3) }
      for _ in 0..<(try fields.next(4)) {
        try fields.skip(width)
        let place = fields.offset
        try bytes.put(try shift.position(of: try fields.next(width)), width, at: place)
        try fields.skip(rest)
      }
    }
    if bytes != tree.bytes { try edits.replace(box.range, with: bytes) }
  }

  private func fixItems(
    _ box: TopLevelBox, _ edits: inout ByteEdits, _ edited: [UInt8]?
  ) throws(MediaError) {
    let old = try input.whole(box, limits: limits)
    var bytes = edited ?? old
    let first = Int(bytes.bigEndian(4, at: 0))
    // Behind an edited box stands the `free` box that fills its place.
    let count = edited != nil && first >= 8 && first <= bytes.count ? first : bytes.count
    let tree = try BoxTree(Array(bytes[..<count]), base: box.range.lowerBound, limits: limits)
    for index in tree.boxes.indices where tree.boxes[index].type == .iloc {
      try ItemLocations(tree, iloc: index).patch(&bytes, by: shift)
      // The packets of the same box may be edited as well, so that only what has changed is replaced.
      let range = tree.boxes[index].range
      if edited == nil, bytes[range] != old[range] {
        try edits.replace(
          tree.base + range.lowerBound..<tree.base + range.upperBound, with: Array(bytes[range]))
      }
    }
    if edited != nil { try edits.replace(box.range, with: bytes) }
  }

  private func tree(_ box: TopLevelBox) throws(MediaError) -> BoxTree {
    let tree = try BoxTree(input.whole(box, limits: limits), base: box.range.lowerBound, limits: limits)
    if let ragged = tree.raggedContainer {
      throw MediaError(
        .malformed, .metadata,
        "what stands at offset \(tree.base + ragged.content.lowerBound + ragged.filled) in '\(ragged.type)' is no box"
      )
    }
    return tree
  }
}
