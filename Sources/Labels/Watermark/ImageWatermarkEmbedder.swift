internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Adds one payload's tiles to the luma of a picture: in the coefficients where the frame has them, else in pixels.
final class ImageWatermarkEmbedder: FrameEmbedder {
  private let code: TileCode
  private let payload: WatermarkPayload
  private let search: WatermarkSearch
  private let aligned: AlignedReader

  init(_ code: TileCode, _ payload: WatermarkPayload) {
    self.code = code
    self.payload = payload
    search = WatermarkSearch([code])
    aligned = AlignedReader([code])
  }

  var changesThroughout: Bool { true }

  func embed(in frame: any Frame) throws(MediaError) -> Embedding {
    guard frame.size.shortestSide >= Self.shortestSide else {
      throw MediaError(
        .insufficientCapacity, .label,
        "a picture of \(frame.size) is too small for the watermark, which takes \(Self.shortestSide) pixels each way"
      )
    }
    let survey = try survey(frame)
    let map = ActivityMap(survey.moments, isCoarse: survey.isCoarse)
    let isTextured = map.isTextured && frame.size.pixelCount >= Self.leastPixelsOfTextures
    if try isPresent(in: frame, survey, isTextured: isTextured) { return embedding(in: frame, error: 0) }
    let eighths = CellWidths(frame.size).eighths(map, isTextured: isTextured)
    let pattern = TilePattern(
      code, payload, eighths: eighths, block: map.isFlat ? CellWidths.block(eighths: eighths) : 1)
    let backup = FrameBackup()
    // Matched to the colours of a palette the mark would show.
    try frame.widen()
    let blue = bluePatterns(for: frame, map)
    let strength =
      blue.isEmpty
      ? nil : EmbeddingStrength(map, patternCells: CellWidths(frame.size).patternCells, isSparing: true)
    // Of pictures whose luma may have been given up for the copies in blue, those are looked at as well.
    if let strength, strength.deflection < Self.sure, try readsInBlue(frame) {
      return embedding(in: frame, error: 0)
    }
    var marked = try mark(frame, pattern, blue, map, strength, factor: 1, backup)
    if !Self.isDoubtful(map, marked.deflection, isAlone: blue.isEmpty) {
      return embedding(in: frame, error: marked.meanSquare)
    }
    // What the estimate does not vouch for is read back, and drawn anew and stronger where it is not.
    let most = EmbeddingStrength.largestFactor(
      from: marked.lumaSquare, beside: marked.meanSquare - marked.lumaSquare)
    var drawn = 1.0
    for factor in Self.strongerFactors {
      let isStrongest = min(factor, most) <= drawn
      if try reads(frame, cells: eighths, isLast: isStrongest) { break }
      if isStrongest, !blue.isEmpty, try readsInBlue(frame) { break }
      try backup.restore(frame)
      if isStrongest {
        frame.narrow()
        throw MediaError(
          .insufficientCapacity, .label,
          "the watermark cannot be read back from this picture at any strength that stays invisible")
      }
      drawn = min(factor, most)
      marked = try mark(frame, pattern, blue, map, strength, factor: drawn)
    }
    return embedding(in: frame, error: marked.meanSquare)
  }

  /// Deflection from which on every picture seen was read back, but for flat ones with their wide cells, which edges disturb more than
  /// their busyness tells.
  static let sure = 1700.0

  /// Whether a mark has to be read back, in luma alone or with copies in blue; marking keeps what was there before if so.
  static func isDoubtful(_ map: ActivityMap, _ deflection: Double, isAlone: Bool) -> Bool {
    deflection < sure || map.isFlat && isAlone
  }

  /// Strengths tried after the first, relative to it; none at the end.
  private static let strongerFactors = [1.35, 1.7, 0]
  /// Two tiles each way: fewer do not hold a message.
  static let shortestSide = 2 * TileCode.side

  /// Smaller pictures have the usual cells whatever they show: theirs leave no room for smaller ones.
  private static let leastPixelsOfTextures = 480 * 480

  /// Decimal logarithm of the bound from which on a mark that is read at first sight counts as one that can be read.
  private static let ampleEvidence = -14.0

  private func survey(_ frame: any Frame) throws(MediaError) -> PictureSurvey {
    let eighths = CellWidths(frame.size).usual
    if let frame = frame as? any CoefficientFrame, let grid = frame.lumaGrid {
      return try PictureSurvey(frame, grid, eighths: eighths)
    }
    return try PictureSurvey(frame, eighths: eighths)
  }

  private func mark(
    _ frame: any Frame, _ pattern: TilePattern, _ blue: [TilePattern], _ map: ActivityMap,
    _ strength: EmbeddingStrength?, factor: Double, _ backup: FrameBackup? = nil
  ) throws(MediaError) -> Marking {
    let signs = TileSigns(code, TileCode.pattern(of: payload))
    if let frame = frame as? any CoefficientFrame, let grid = frame.lumaGrid {
      return try CoefficientMarking(pattern, signs, grid: grid).mark(frame, map, factor: factor, backup)
    }
    return try PixelMarking(pattern, blue: blue, signs, size: frame.size).mark(
      frame, map, strength, factor: factor, backup)
  }

  /// What is drawn in blue: nothing but in flat pictures whose rows are bytes with colours.
  private func bluePatterns(for frame: any Frame, _ map: ActivityMap) -> [TilePattern] {
    if let frame = frame as? any CoefficientFrame, frame.lumaGrid != nil { return [] }
    let channels = (frame as? any PackedFrame)?.packedChannels?.rawValue ?? 0
    guard map.isFlat, channels >= 3 else { return [] }
    return CellWidths(frame.size).blue.map {
      TilePattern(code, payload, eighths: $0, block: CellWidths.block(eighths: $0))
    }
  }

  /// Whether the very payload is read where it would be drawn, as it is or turned.
  private func isPresent(
    in frame: any Frame, _ survey: PictureSurvey, isTextured: Bool
  ) throws(MediaError) -> Bool {
    if let finding = look(survey.folds) { return finding.payload == payload.bits }
    if isTextured { return try readsFully(frame) }
    let sync = aligned.strongestSync(pattern: TileCode.pattern(of: payload))
    return sync >= SyncThreshold.searched ? try readsFully(frame) : false
  }

  /// Whether the payload is read from a frame that was marked with cells of `eighths` / 8 pixels.
  /// Where that `isLast` of all strengths, it is looked for as thoroughly as it would be anywhere.
  private func reads(_ frame: any Frame, cells eighths: Int, isLast: Bool) throws(MediaError) -> Bool {
    // What is found in cells of another width is not what was drawn; its look counts all the same, as it does for all who read.
    let place = CellWidths(frame.size).drawnMostly.firstIndex(of: eighths)
    let folds = try place == nil ? BlockFolds(frame) : BlockFolds(frame, only: eighths)
    if isAmple(look(folds, after: place ?? 0)) { return true }
    guard let plane = try WorkingPlane(frame)?.luma else { return false }
    let (across, down) = (
      Double(plane.width) / Double(frame.size.width), Double(plane.height) / Double(frame.size.height)
    )
    let side = 8 * Double(eighths)
    var outcome = WatermarkSearch.Outcome()
    outcome.placedLooks.add(Self.looksBefore)
    search.readInPlace(
      SearchPyramid(plane), lattices: [Lattice(ax: side * across, ay: 0, bx: 0, by: side * down)],
      into: &outcome)
    if outcome.finding?.payload == payload.bits { return true }
    return isLast ? try readsFully(frame) : false
  }

  /// Looks in place that whoever reads a picture may have taken before the one that finds the mark.
  private static let looksBefore = 8

  private func isAmple(_ finding: WatermarkSearch.Finding?) -> Bool {
    guard let finding else { return false }
    return finding.payload == payload.bits && finding.log10p < Self.ampleEvidence
  }

  /// Looks at `folds`, as though `looks` had been taken before.
  private func look(_ folds: BlockFolds, after looks: Int = 0) -> WatermarkSearch.Finding? {
    var outcome = WatermarkSearch.Outcome()
    for _ in 0..<looks { outcome.placedLooks.add() }
    let pattern = TileCode.pattern(of: payload)
    aligned.read(folds, patterns: pattern..<pattern + 1, into: &outcome)
    return outcome.finding
  }

  private func readsFully(_ frame: any Frame) throws(MediaError) -> Bool {
    guard let plane = try WorkingPlane(frame) else { return false }
    let finding = search.readAsDrawn(plane.luma, of: frame.size, scale: plane.scale)
    return finding?.payload == payload.bits
  }

  /// The same of what blue alone shows.
  private func readsInBlue(_ frame: any Frame) throws(MediaError) -> Bool {
    guard let plane = try WorkingPlane(bluenessOf: frame) else { return false }
    let finding = search.readAsDrawn(blueness: plane.luma, of: frame.size)
    return finding?.payload == payload.bits
  }

  private func embedding(in frame: any Frame, error: Double) -> Embedding {
    var embedding = Embedding(
      box: PixelRect(x: 0, y: 0, width: frame.size.width, height: frame.size.height), textHeight: 0, text: "")
    embedding.fields = [.init("payload", payload.description)]
    if error > 0 {
      embedding.fields.append(.init("psnr", number: 10 * log10(255 * 255 / error), digits: 2))
    } else {
      embedding.fields.append(.init("present", "true"))
    }
    return embedding
  }
}

/// What marking did to a frame.
struct Marking {
  /// Mean square error added to the luma, or over the colours; and of that what grows as the luma's mark is drawn stronger.
  let meanSquare: Double
  let lumaSquare: Double
  /// As in `EmbeddingStrength`.
  let deflection: Double
}

/// The sign that the message has in each tile of a picture, from its top left.
struct TileSigns {
  private let signs: [Float]

  init(_ code: TileCode, _ pattern: Int) { signs = code.signs[pattern] }

  /// Whether the message stands inverted in the tile at `column`, `row` of tiles.
  @inline(__always)
  func isInverted(_ column: Int, _ row: Int) -> Bool {
    signs[row % TileCode.signPeriod * TileCode.signPeriod + column % TileCode.signPeriod] < 0
  }
}
