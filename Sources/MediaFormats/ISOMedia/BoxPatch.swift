internal import MediaCore

/// Changes of boxes in a tree; the sizes of all boxes around a change follow.
struct BoxPatch {
  private var edits = ByteEdits()
  private var growth: [Int: Int] = [:]
  private let tree: BoxTree

  /// No change of `tree` yet.
  init(_ tree: BoxTree) { self.tree = tree }

  /// Whether nothing is to be changed.
  var isEmpty: Bool { edits.isEmpty }

  /// Puts `bytes` in the place of `range`, which is inside the content of box `container`.
  mutating func replace(
    _ range: Range<Int>, with bytes: [UInt8], in container: Int
  ) throws(MediaError) {
    try edits.replace(range, with: bytes)
    var current: Int? = container
    while let index = current {
      growth[index, default: 0] += bytes.count - range.count
      current = tree.boxes[index].parent
    }
  }

  /// Puts `bytes` behind the last box inside box `container`.
  mutating func append(_ bytes: [UInt8], to container: Int) throws(MediaError) {
    let box = tree.boxes[container]
    let end = box.content.lowerBound + box.filled
    try replace(end..<end, with: bytes, in: container)
  }

  /// Takes box `index` out; the root stays.
  mutating func remove(_ index: Int) throws(MediaError) {
    guard let parent = tree.boxes[index].parent else {
      throw MediaError(.internalFault, .metadata, "the outermost box cannot be taken out")
    }
    try replace(tree.boxes[index].range, with: [], in: parent)
  }

  /// The bytes of the tree with all changes. Throws `limitExceeded` for a box that grows past its 32-bit size.
  func applied() throws(MediaError) -> [UInt8] {
    var edits = edits
    for (index, growth) in growth.sorted(by: { $0.key < $1.key }) where growth != 0 {
      let box = tree.boxes[index]
      let start = box.range.lowerBound
      let size = box.range.count + growth
      switch tree.bytes.bigEndian(4, at: start) {
      // A size of zero goes on meaning "to the end".
      case 0: break
      case 1: try edits.replace(start + 8..<start + 16, with: UInt64(size).bigEndianBytes)
      default:
        guard let short = UInt32(exactly: size) else {
          throw MediaError(.limitExceeded, .metadata, "box '\(box.type)' would grow to \(size) bytes")
        }
        try edits.replace(start..<start + 4, with: short.bigEndianBytes)
      }
    }
    return edits.applied(to: tree.bytes)
  }
}

extension BoxType {
  /// A box of this type as stored.
  func box(_ content: [UInt8]) -> [UInt8] {
    UInt32(truncatingIfNeeded: content.count + 8).bigEndianBytes + rawValue.bigEndianBytes + content
  }
}
