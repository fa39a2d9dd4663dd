internal import MediaCore

/// How wide the cells of the pattern are drawn in a picture, in eighths of a pixel: of these a tile of 64 × 64 cells has as many blocks
/// of eight pixels along its side.
struct CellWidths {
  /// Of the picture, pixels.
  let size: PixelSize
  /// In most pictures, and those that have no others; in flat ones.
  let usual: Int
  let flat: Int

  init(_ size: PixelSize) {
    self.size = size
    usual = Self.eighths(size, cells: Self.cells, least: 8)
    // Quantisers leave the lower frequencies more of what is faint.
    flat = Self.wholeBlocks(Self.eighths(size, cells: Self.cellsWhereFlat, least: 8))
  }

  /// Where everything is textured: the higher a frequency, the less of it do textures have themselves.
  var textured: Int { Self.eighths(size, cells: Self.cellsWhereTextured, least: 7) }

  /// Where most is smooth: there codecs leave the lower frequencies alone, as in flat pictures, but what is not smooth still holds enough
  /// of so much narrower cells when a part is cut out.
  var smooth: Int { Self.eighths(size, cells: Self.cellsWhereSmooth, least: 8) }

  /// For a picture of `map`.
  func eighths(_ map: ActivityMap, isTextured: Bool) -> Int {
    if isTextured { return textured }
    return map.isFlat ? flat : map.isSmooth ? smooth : usual
  }

  /// Those that pictures mostly have, the usual first: what is not textured.
  var drawnMostly: [Int] { [usual] + wider }

  /// The width of textured pictures, where they have their own.
  var ownTextured: Int? {
    let isTold = size.pixelCount >= Self.leastPixelsOfTextures
    return isTold && !drawnMostly.contains(textured) ? textured : nil
  }

  /// Smaller pictures have the usual cells whatever they show: theirs leave no room for smaller ones.
  static let leastPixelsOfTextures = 480 * 480

  /// All that pictures of this size have, the usual first.
  var drawn: [Int] { (textured == usual ? [usual] : [usual, textured]) + wider }

  /// Those of smooth pictures, where they have their own, and of flat ones.
  var wider: [Int] { ownSmooth.map { [$0, flat] } ?? [flat] }

  /// The width of smooth pictures, where no others have it.
  var ownSmooth: Int? { smooth > usual && smooth != flat ? smooth : nil }

  /// The widths of the copies in blue: one of narrow cells, which a small part of a picture holds whole tiles of, and one of cells twice as
  /// wide, which outlast chroma of half the size. One of them has the cells of the luma.
  var blue: [Int] {
    // Nearly two tiles must fit each way.
    let widest = size.shortestSide / 14
    let wide = 2 * flat - 2 * flat % max(1, Self.block(eighths: 2 * flat) / 2)
    if flat > Self.widestOfTwo { return [flat] }
    if wide <= widest { return [flat, wide] }
    if flat == 32 { return [16, 32] }
    let even = widest - widest % 2
    return even > flat ? [flat, even] : [flat]
  }

  /// What luma and blue both have in a flat picture.
  var both: [Int] { [flat] }

  /// Cells of the pattern that the picture holds, had they the usual width.
  var patternCells: Double {
    let pixels = Double(usual) / 8
    return Double(size.pixelCount) / (pixels * pixels)
  }

  /// Pixels along the squares that a flat picture's tile is made of, where its cells are `eighths` / 8 pixels wide: nearly two
  /// cells, as wide as the highest frequency allows, for a picture of few colours is stored in hardly more than its changes.
  static func block(eighths: Int) -> Int { eighths >= 64 ? 16 : eighths >= 32 ? 8 : eighths >= 16 ? 4 : 2 }

  /// The next smaller width of cells of which there are few, all of them with a whole number of squares to a tile. Where that
  /// makes squares of eight pixels, as codecs have, cells may be twice as wide for it.
  static func wholeBlocks(_ eighths: Int) -> Int {
    if (16..<32).contains(eighths) { return 32 }
    return eighths - eighths % max(1, block(eighths: eighths) / 2)
  }

  /// Cells along a side of a square picture, and of one that is flat, smooth or textured.
  private static let cells = 448.0
  private static let cellsWhereFlat = 256.0
  private static let cellsWhereSmooth = 288.0
  private static let cellsWhereTextured = 585.0
  /// Cells of luma beyond which one copy in blue is read as well as two.
  private static let widestOfTwo = 40

  private static func eighths(_ size: PixelSize, cells: Double, least: Int) -> Int {
    max(least, Int((8 * Double(size.pixelCount).squareRoot() / cells).rounded()))
  }
}
