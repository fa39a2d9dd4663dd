internal import MediaCore

/// Draws one laid out line into the frames of one file.
final class ExplicitTextEmbedder: FrameEmbedder {
  private let text: String
  private let info: MediaInfo
  private let mask: TextMask
  private let layout: LabelLayout

  init(
    _ record: LabelRecord, for info: MediaInfo, typesetter: any Typesetter
  ) throws(MediaError) {
    text = record.text
    self.info = info
    (mask, layout) = try LabelSizing.fit(record, in: info.displaySize, typesetter: typesetter)
  }

  func embed(in frame: any Frame) throws(MediaError) -> Embedding {
    guard frame.size == info.size, frame.orientation == info.orientation else {
      throw MediaError(
        .malformed, .label, "a frame of \(frame.size) pixels in a file whose header says \(info.size)")
    }
    let rect = info.orientation.storedRect(displayed: layout.plate, display: layout.display)
    let region = try frame.readRegion(rect)
    var coverage = PlateCoverage(layout, mask: mask, orientation: info.orientation, over: region.rect)
    if region.planes.contains(where: { $0.maxValue <= 3 }) { coverage.threshold() }
    let choice = StyleChoice(region, coverage)
    var box = try frame.writeRegion(choice.blended())
    // A coarse quantiser may eat the contrast that was blended; an opaque plate leaves it the least to spoil. What
    // it does to that is the picture's own quality and stays.
    if Contrast.measure(try frame.readRegion(rect), coverage) < Contrast.readable {
      box = try frame.writeRegion(choice.opaque()).union(box)
    }
    return Embedding(box: box, textHeight: mask.inkHeight, text: text)
  }
}
