internal import MediaCore

extension CellWidths {
  /// How many times wider than a picture one may have been that it was cut from.
  static let largestCut = 2.6

  /// The same of smooth pictures, of which fewer looks are spent.
  private static let largestSmoothCut = 2.1

  /// What cells have in larger pictures that this one may be cut from, beside what it would be given itself.
  var cut: [Int] {
    let widest = max(Double(usual) * Self.largestCut, Double(ownSmooth ?? 0) * Self.largestSmoothCut)
    let (widths, drawn) = (usual...Int(widest), drawn)
    return (Array(widths) + cutWhereFlat.filter { !widths.contains($0) }).filter { !drawn.contains($0) }
  }

  /// The same for flat pictures, whose widths are few.
  var cutWhereFlat: [Int] {
    let widest = Self.wholeBlocks(Int(Double(flat) * Self.largestCut))
    return (flat + 1..<max(flat, widest) + 1).filter { Self.wholeBlocks($0) == $0 }
  }

  /// The same of copies in blue, whose narrow cells are the same in many sizes.
  var cutInBlue: [Int] {
    let blue = blue
    return ([16] + cutWhereFlat).filter { !blue.contains($0) }
  }

  /// What cells may have in a picture seen at a slight angle that looks like `map`: some of the widths that pictures of its size are
  /// given, the likelier first.
  func nearby(_ map: ActivityMap) -> [Int] {
    if map.calmness(below: Self.calmest) >= Self.maybeCalm { return drawnMostly }
    guard map.busyness > Self.maybeTextured, textured != usual else { return [usual] }
    return map.busyness > Self.likelyTextured ? [textured, usual] : [usual, textured]
  }

  /// The same of the copies in blue; none where its luma does not look as flat as those that have copies.
  func nearbyInBlue(_ map: ActivityMap) -> [Int] {
    map.calmness(below: Self.calmest) >= Self.maybeCalm ? blue : []
  }

  /// How the picture looks in `plane`, its luma with `scale` pixels for each of its own.
  func seen(_ plane: LumaPlane, scale: Double) -> ActivityMap {
    ActivityMap(CellMoments(plane, cell: PictureSurvey.cell(eighths: Int(Double(usual) * scale))))
  }

  /// Standard deviation of a calm cell, and the share of them from which on a picture may have been marked as a flat or a smooth one: by
  /// more than there, for what happens to pictures adds to them, and takes none of them away.
  private static let calmest: Float = 1.2
  private static let maybeCalm = 0.25

  /// Busyness from which on a picture may have been marked as a textured one, and most likely was: less than there, for what happens
  /// to pictures takes off some of it.
  private static let maybeTextured: Float = 8
  private static let likelyTextured: Float = 13
}
