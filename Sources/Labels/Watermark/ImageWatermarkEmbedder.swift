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
  private let back: ReadBack
  private let isNew: Bool

  /// No frame is looked at for a payload that `isNew`.
  init(_ code: TileCode, _ payload: WatermarkPayload, isNew: Bool = false) {
    self.code = code
    self.payload = payload
    self.isNew = isNew
    back = ReadBack(code, payload)
  }

  var changesThroughout: Bool { true }

  func embed(in frame: any Frame) throws(MediaError) -> Embedding {
    guard frame.size.shortestSide >= Self.shortestSide else {
      throw MediaError(
        .insufficientCapacity, .label,
        "a picture of \(frame.size) is too small for the watermark, which takes \(Self.shortestSide) pixels each way"
      )
    }
    // Matched to the colours of a palette the mark would show.
    try frame.widen()
    let survey = try survey(frame)
    let map = ActivityMap(
      survey.moments, isCoarse: survey.isCoarse, shown: try ShownCells(frame, on: survey.moments))
    let isTextured = map.isTextured && frame.size.pixelCount >= CellWidths.leastPixelsOfTextures
    if let folds = survey.folds, try back.isPresent(in: frame, folds, isTextured: isTextured) {
      return present(in: frame)
    }
    let eighths = CellWidths(frame.size).eighths(map, isTextured: isTextured)
    let pattern = TileSquares(
      code, payload, eighths: eighths, block: map.isFlat ? CellWidths.block(eighths: eighths) : 1)
    let (backup, signs) = (FrameBackup(), TileSigns(code, TileCode.pattern(of: payload)))
    let (blue, blueness) = (bluePatterns(for: frame, map, besides: pattern), bluenessMarking(for: frame, map))
    let isAlone = blue.isEmpty && blueness == nil
    let shapes = EmbeddingStrength.Shapes(map, isSparing: !isAlone)
    let drawn = (frame as? any CoefficientFrame)?.lumaGrid?.size ?? frame.size
    let strength = EmbeddingStrength(shapes, patternCells: CellWidths(drawn).patternCells)
    // Of pictures whose luma may have been given up for the copies in blue, those are looked at as well.
    if !isNew, !isAlone, strength.deflection < Self.sure, try back.readsInBlue(frame) {
      return present(in: frame)
    }
    func mark(_ factor: Double, _ backup: FrameBackup? = nil) throws(MediaError) -> Marking {
      if let frame = frame as? any CoefficientFrame, let grid = frame.lumaGrid {
        let luma = CoefficientMarking(pattern, signs, grid: grid, isAlone: isAlone)
        var marking = try luma.mark(frame, map, strength, shapes, factor: factor, backup)
        if let blueness {
          let isDoubtful = Self.isDoubtful(map, marking.deflection, isAlone: isAlone)
          marking.meanSquare += try blueness.mark(frame, map, strength, isDoubtful ? backup : nil)
        }
        return marking
      }
      return try PixelMarking(pattern, blue: blue, signs, size: frame.size).mark(
        frame, map, strength, factor: factor, backup)
    }
    var marked = try mark(1, backup)
    if !Self.isDoubtful(map, marked.deflection, isAlone: isAlone) {
      return embedding(in: frame, error: marked.meanSquare)
    }
    // What the estimate does not vouch for is read back, and drawn anew and stronger where it is not.
    let most = min(
      Self.strongest,
      EmbeddingStrength.largestFactor(
        from: marked.lumaSquare, beside: marked.meanSquare - marked.lumaSquare, similarity: marked.similarity)
    )
    var factors = [1.0]
    while let drawn = factors.last,
      case .unread(let statistic) = try back.read(
        frame, cells: eighths, isFlat: map.isFlat, isAlone: isAlone, isLast: drawn >= most)
    {
      try backup.restore(frame)
      guard drawn < most else {
        frame.narrow()
        throw MediaError(
          .insufficientCapacity, .label,
          "the watermark cannot be read back from this picture at any strength that stays invisible")
      }
      let factor = factors.count > 1 ? most : Self.factor(from: statistic, upTo: most)
      factors.append(factor)
      marked = try mark(factor)
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

  /// The largest strength that is tried, relative to the first.
  private static let strongest = 1.7
  /// By how much a mark that is not read is drawn stronger at least.
  private static let leastStep = 1.15

  /// The strength to draw with where the first showed `statistic`, which grows with it; the most where that is nearly as much.
  private static func factor(from statistic: Double, upTo most: Double) -> Double {
    let wanted = statistic > 0 ? max(leastStep, 1.05 * ReadBack.ampleStatistic / statistic) : most
    return wanted * leastStep < most ? wanted : most
  }

  /// Two tiles each way: fewer do not hold a message.
  static let shortestSide = 2 * TileCode.side

  private func survey(_ frame: any Frame) throws(MediaError) -> PictureSurvey {
    let eighths = CellWidths(frame.size).usual
    if let frame = frame as? any CoefficientFrame, let grid = frame.lumaGrid {
      return try PictureSurvey(frame, grid, eighths: eighths, folds: !isNew)
    }
    return try PictureSurvey(frame, eighths: eighths, folds: !isNew)
  }

  /// The copy in blue of a flat picture of coefficients.
  private func bluenessMarking(for frame: any Frame, _ map: ActivityMap) -> BluenessMarking? {
    guard let frame = frame as? any CoefficientFrame, let grid = frame.bluenessGrid, map.isFlat
    else { return nil }
    return BluenessMarking(code, payload, grid, size: frame.size)
  }

  /// What is drawn in blue on packed rows: nothing but in flat pictures whose rows are bytes with colours. One copy is what `luma` has.
  private func bluePatterns(
    for frame: any Frame, _ map: ActivityMap, besides luma: TileSquares
  ) -> [TileSquares] {
    if let frame = frame as? any CoefficientFrame, frame.lumaGrid != nil { return [] }
    let channels = (frame as? any PackedFrame)?.packedChannels?.rawValue ?? 0
    guard map.isFlat, channels >= 3 else { return [] }
    return CellWidths(frame.size).blue.map { eighths in
      let block = CellWidths.block(eighths: eighths)
      if luma.side == 8 * eighths, luma.block == block { return luma }
      return TileSquares(code, payload, eighths: eighths, block: block)
    }
  }

  /// A picture that has this very mark, left as it is.
  private func present(in frame: any Frame) -> Embedding {
    frame.narrow()
    return embedding(in: frame, error: 0)
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
  var meanSquare: Double
  let lumaSquare: Double
  /// As in `EmbeddingStrength`, with its deflection.
  let similarity: Double
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
