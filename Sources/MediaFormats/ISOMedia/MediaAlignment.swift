internal import MediaCore

/// Room in a movie box that keeps media where it stands in a page. The system copies whole pages for 0.7 of what it takes for
/// parts of two, and file systems that share extents share nothing else.
enum MediaAlignment {
  private static let page = 4096
  /// Bytes of media that a page more is worth.
  private static let least = 16 << 20

  /// `movie`, which takes the place of the box `old` in a file of `fileSize` bytes, with a `free` box at its end such that
  /// what stands behind moves by whole pages. An earlier one is made larger or smaller.
  static func applied(
    to movie: [UInt8], old: Range<Int>, fileSize: Int, limits: Limits
  ) throws(MediaError) -> [UInt8] {
    guard fileSize - old.upperBound >= least, movie.count != old.count else { return movie }
    let tree = try BoxTree(movie, base: old.lowerBound, limits: limits)
    let last = tree.children(of: 0).last.map { tree.boxes[$0] }
    let former = last.flatMap { $0.type == .free ? $0.range : nil }
    let growth = movie.count - (former?.count ?? 0) - old.count
    let gap = (page - growth % page) % page
    let room = gap == 0 ? 0 : gap < 8 ? gap + page : gap
    let box = room == 0 ? [] : BoxType.free.box([UInt8](repeating: 0, count: room - 8))
    var patch = BoxPatch(tree)
    if let former { try patch.replace(former, with: box, in: 0) } else { try patch.append(box, to: 0) }
    return try patch.applied()
  }
}
