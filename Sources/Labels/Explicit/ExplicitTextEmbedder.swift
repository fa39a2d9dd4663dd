internal import MediaCore

/// Draws one laid out line into the frames of one file; a frame that shows it already is left as it is.
final class ExplicitTextEmbedder: FrameEmbedder {
  /// The correlation of the very mask at its very place from which on the line is there already. What was drawn
  /// correlates with 0.95 and more, also after a coarse quantiser; no unlabelled picture was seen above 0.57.
  private static let sameLine = 0.88
  private let text: String
  private let info: MediaInfo
  private let mask: TextMask
  private let layout: LabelLayout
  /// Of the last frame: those of a video are all alike.
  private var steady: (rect: PixelRect, coverage: PlateCoverage)?
  /// Whether the first frame of a video shows the line already, and so all do.
  private var isThere: Bool?

  init(
    _ record: LabelRecord, for info: MediaInfo, typesetter: any Typesetter
  ) throws(MediaError) {
    text = record.text
    self.info = info
    (mask, layout) = try LabelSizing.fit(
      record, in: info.displaySize, shown: info.shownSize, typesetter: info.fitted(typesetter))
  }

  func embed(in frame: any Frame) throws(MediaError) -> Embedding {
    guard frame.size == info.size, frame.orientation == info.orientation else {
      throw MediaError(
        .malformed, .label, "a frame of \(frame.size) pixels in a file whose header says \(info.size)")
    }
    let rect = info.orientation.storedRect(displayed: layout.plate, display: layout.display)
    let region = try frame.readRegion(rect)
    if info.kind == .video { return try embedSteadily(in: frame, region, rect) }
    var coverage = PlateCoverage.of(layout, mask: mask, orientation: info.orientation, over: region.rect)
    if region.planes.contains(where: { $0.maxValue <= 3 }) { coverage.threshold() }
    if coverage.mayShow(region), try isShown(in: frame),
      Contrast.measure(region, coverage.parts[...]) >= Contrast.readable
    {
      return Embedding(box: rect, textHeight: mask.inkHeight, text: text)
    }
    let choice = StyleChoice(region, coverage)
    var box = try frame.writeRegion(choice.blended())
    // A coarse quantiser may eat the contrast that was blended; an opaque plate leaves it the least to spoil. What
    // it does to that is the picture's own quality and stays.
    let middle = try frame.readRegion(Self.middle(of: rect))
    if Contrast.measure(middle, coverage.parts(middle.rect, of: region.rect)) < Contrast.readable {
      box = try frame.writeRegion(choice.opaque()).union(box)
    }
    return Embedding(box: box, textHeight: mask.inkHeight, text: text)
  }

  private func embedSteadily(
    in frame: any Frame, _ region: Region, _ rect: PixelRect
  ) throws(MediaError) -> Embedding {
    let result = Embedding(box: rect, textHeight: mask.inkHeight, text: text)
    let kept = steady?.rect == region.rect ? steady?.coverage : nil
    let coverage =
      kept ?? PlateCoverage(layout, mask: mask, orientation: info.orientation, over: region.rect)
    steady = (region.rect, coverage)
    if isThere == nil { isThere = coverage.mayShow(region) ? try isShown(in: frame) : false }
    if isThere == true { return result }
    try frame.writeRegion(RegionBlend.blend(region, coverage, .steady))
    return result
  }

  /// The rows through the middle of the plate, which show what a coder has made of all.
  private static func middle(of rect: PixelRect) -> PixelRect {
    let rows = max(32, rect.height / 3)
    guard rows < rect.height else { return rect }
    return PixelRect(x: rect.x, y: rect.y + (rect.height - rows) / 2, width: rect.width, height: rows)
  }

  /// Whether the line stands where it would be drawn: a second plate on the first would only blur both.
  private func isShown(in frame: any Frame) throws(MediaError) -> Bool {
    let template = TextTemplate(mask)
    let rim = (x: (template.width - mask.width) / 2, y: (template.height - mask.height) / 2)
    let margin = max(rim.x, rim.y)
    let patch = try TonePatch(frame, shown: layout.plate).scaled(by: 1, rim: margin)
    let x = layout.ink.x - layout.plate.x + margin - rim.x
    let y = layout.ink.y - layout.plate.y + margin - rim.y
    return abs(template.correlation(patch, x: x, y: y)) >= Self.sameLine
  }
}
