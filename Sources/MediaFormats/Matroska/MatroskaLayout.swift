/// Where everything of a segment stands after some of its elements have changed their lengths.
struct MatroskaLayout {
  /// New bytes for a child of the segment.
  struct Piece {
    /// What it replaces: a child, a Void that it moves into, or nothing at the place of an insertion.
    let range: Range<Int>
    /// The child anew.
    var bytes: [UInt8]
    /// Bytes of a cluster that is written piece by piece, whose `bytes` are empty.
    var count: Int?
    /// The Void behind it, whose room it may take or fill.
    var void: Range<Int>?
    /// Whether room that it no longer needs becomes a Void, so that the clusters stay where they are.
    var keepsRoom = true

    /// What is replaced by what, padding included.
    fileprivate var edit: Edit {
      if let count { return Edit(range: range, bytes: [], count: count, isCluster: true) }
      let room = range.lowerBound..<(void?.upperBound ?? range.upperBound)
      let left = room.count - bytes.count
      // One byte cannot be a Void.
      guard left == 0 || left >= 2, keepsRoom || void != nil else {
        return Edit(range: range, bytes: bytes, count: bytes.count)
      }
      return Edit(range: room, bytes: bytes + EBMLWriting.void(left), count: room.count)
    }
  }

  /// What replaces what.
  struct Edit {
    let range: Range<Int>
    let bytes: [UInt8]
    /// Bytes of what is new.
    let count: Int
    /// Whether it is a cluster that is written piece by piece.
    var isCluster = false
  }

  /// The edits in the order of the file.
  let edits: [Edit]
  /// Bytes by which all that is behind an edit moves.
  private let shifts: [Int]

  init(_ pieces: [Piece]) {
    // What is inserted at a place stands in front of what takes the place of the child there.
    edits = pieces.map(\.edit).sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var shift = 0
    shifts = edits.map { edit in
      shift += edit.count - edit.range.count
      return shift
    }
  }

  /// Bytes by which the segment grows.
  var growth: Int { shifts.last ?? 0 }

  /// Where the child at `offset` begins afterwards: behind what is inserted in front of it.
  func position(of offset: Int) -> Int {
    // Edits stand in order, so that their ends do.
    var (low, high) = (0, edits.count)
    while low < high {
      let middle = (low + high) / 2
      if edits[middle].range.upperBound <= offset { low = middle + 1 } else { high = middle }
    }
    return offset + (low > 0 ? shifts[low - 1] : 0)
  }

  /// Where the bytes of `piece` begin afterwards.
  func start(of piece: Piece) -> Int {
    let index = edits.firstIndex { $0.range.lowerBound >= piece.range.lowerBound } ?? edits.endIndex
    return piece.range.lowerBound + (index == 0 ? 0 : shifts[index - 1])
  }
}
