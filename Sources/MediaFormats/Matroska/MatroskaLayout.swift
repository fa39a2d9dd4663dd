/// Where everything of a segment stands after some of its elements have changed their lengths.
struct MatroskaLayout {
  /// New bytes for a child of the segment.
  struct Piece {
    /// What it replaces: a child, a Void that it moves into, or nothing at the place of an insertion.
    let range: Range<Int>
    /// The child anew.
    var bytes: [UInt8]
    /// The Void behind it, whose room it may take or fill.
    var void: Range<Int>?
    /// Whether room that it no longer needs becomes a Void, so that the clusters stay where they are.
    var keepsRoom = true

    /// What is replaced by what, padding included.
    fileprivate var edit: (range: Range<Int>, bytes: [UInt8]) {
      let room = range.lowerBound..<(void?.upperBound ?? range.upperBound)
      let left = room.count - bytes.count
      // One byte cannot be a Void.
      guard left == 0 || left >= 2, keepsRoom || void != nil else { return (range, bytes) }
      return (room, bytes + EBMLWriting.void(left))
    }
  }

  /// The edits in the order of the file.
  let edits: [(range: Range<Int>, bytes: [UInt8])]
  /// Bytes by which all that is behind an edit moves.
  private let shifts: [Int]

  init(_ pieces: [Piece]) {
    // What is inserted at a place stands in front of what takes the place of the child there.
    edits = pieces.map(\.edit).sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var shift = 0
    shifts = edits.map { edit in
      shift += edit.bytes.count - edit.range.count
      return shift
    }
  }

  /// Bytes by which the segment grows.
  var growth: Int { shifts.last ?? 0 }

  /// Where the child at `offset` begins afterwards: behind what is inserted in front of it.
  func position(of offset: Int) -> Int {
    let index = edits.lastIndex { $0.range.upperBound <= offset }
    return offset + (index.map { shifts[$0] } ?? 0)
  }

  /// Where the bytes of `piece` begin afterwards.
  func start(of piece: Piece) -> Int {
    let index = edits.firstIndex { $0.range.lowerBound >= piece.range.lowerBound } ?? edits.endIndex
    return piece.range.lowerBound + (index == 0 ? 0 : shifts[index - 1])
  }
}
