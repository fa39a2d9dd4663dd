internal import MediaCore

/// Whether a clip carries a payload already, as far as one frame tells: in place, in copies of usual sizes as well, and in what was cut
/// or mirrored without scaling. Other copies would take the whole search, which costs as much as a second of label, and get a second mark of the payload.
struct VideoMarkPresence {
  private let search: WatermarkSearch
  private let payload: WatermarkPayload
  /// As it is and mirrored.
  private static let symmetries = [0, 4]

  init(_ code: TileCode, _ payload: WatermarkPayload) {
    search = WatermarkSearch([code])
    self.payload = payload
  }

  func isSeen(in frame: any Frame) throws(MediaError) -> Bool {
    guard let plane = try WorkingPlane(frame, pixels: VideoTiles.searchedPixels)?.luma else { return false }
    let pyramid = SearchPyramid(plane, floor: VideoTiles.residualFloor)
    let drawn = VideoTiles.drawn(across: plane.width, down: plane.height, of: frame.size)
    var outcome = WatermarkSearch.Outcome()
    search.readInPlace(pyramid, lattices: Array(drawn.prefix(VideoTiles.mostInPlace)), into: &outcome)
    let (across, down) = (
      Double(plane.width) / Double(frame.size.width), Double(plane.height) / Double(frame.size.height)
    )
    let pattern = TileCode.pattern(of: payload)
    for eighths in VideoTiles.cut(frame.size) where outcome.finding == nil {
      let side = 8 * Double(eighths)
      guard side < Double(2 * frame.size.shortestSide) else { break }
      search.attempt(
        Lattice(ax: side * across, ay: 0, bx: 0, by: side * down), pyramid, Self.symmetries,
        patterns: pattern..<pattern + 1, isExact: true, into: &outcome)
    }
    return outcome.finding?.payload == payload.bits
  }
}
