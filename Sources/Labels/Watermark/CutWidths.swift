internal import MediaCore

extension ImageWatermarkEmbedder {
  /// How many times wider than a picture one may have been that it was cut from.
  static let largestCut = 2.6

  /// The same of smooth pictures, of which fewer looks are spent.
  private static let largestSmoothCut = 2.1

  /// Eighths of a pixel that cells have in larger pictures, which one with cells of `drawn` may be cut from: the usual width
  /// comes first in `drawn`, that of flat pictures last, that of smooth ones before it if they have their own.
  static func cut(_ drawn: [Int]) -> [Int] {
    guard let usual = drawn.first else { return [] }
    let smooth = drawn.dropLast().last ?? usual
    let widths = usual...Int(max(Double(usual) * largestCut, Double(smooth) * largestSmoothCut))
    let flat = drawn.last.map { cutWhereFlat($0).filter { !widths.contains($0) } } ?? []
    return (Array(widths) + (drawn.count > 1 ? flat : [])).filter { !drawn.contains($0) }
  }

  /// The same for flat pictures, whose widths are few.
  static func cutWhereFlat(_ drawn: Int) -> [Int] {
    let widest = wholeBlocks(Int(Double(drawn) * largestCut))
    return (drawn + 1..<max(drawn, widest) + 1).filter { wholeBlocks($0) == $0 }
  }

  /// The same of copies in blue, whose narrow cells are the same in many sizes.
  static func cutInBlue(_ size: PixelSize) -> [Int] {
    let drawn = drawnInBlue(size)
    let widths = [16] + cutWhereFlat(eighths(for: size, isFlat: true))
    return widths.filter { !drawn.contains($0) }
  }

  /// Eighths of a pixel that cells may have in a picture of `size` seen at a slight angle, which `plane` shows with `scale` pixels for
  /// each of its own: by how it looks, some of the widths that pictures of its size are given, the likelier first.
  static func nearby(_ plane: LumaPlane, of size: PixelSize, scale: Double) -> [Int] {
    let (usual, textured) = (eighths(for: size), eighthsWhereTextured(for: size))
    let map = seen(plane, usual, scale)
    if map.calmness(below: calmest) >= maybeCalm { return [usual] + wider(size, than: usual) }
    guard map.busyness > maybeTextured, textured != usual else { return [usual] }
    return map.busyness > likelyTextured ? [textured, usual] : [usual, textured]
  }

  /// The same of the copies in blue, of a picture whose luma `plane` shows with `scale` pixels for each of its own; none
  /// where it does not look as flat as those that have copies.
  static func nearbyInBlue(_ plane: LumaPlane, of size: PixelSize, scale: Double) -> [Int] {
    seen(plane, eighths(for: size), scale).calmness(below: calmest) >= maybeCalm ? drawnInBlue(size) : []
  }

  private static func seen(_ plane: LumaPlane, _ eighths: Int, _ scale: Double) -> ActivityMap {
    ActivityMap(CellMoments(plane, cell: PictureSurvey.cell(eighths: Int(Double(eighths) * scale))))
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
