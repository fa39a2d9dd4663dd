internal import MediaCore

/// Sets lines for pixels that are not square, so that letters look as designed where the picture is stretched to be shown.
final class SqueezedTypesetter: Typesetter {
  private let typesetter: any Typesetter
  private let aspect: Double

  /// Lines for pixels `aspect` times as wide as they are high.
  init(_ typesetter: any Typesetter, aspect: Double) {
    self.typesetter = typesetter
    self.aspect = aspect
  }

  func mask(for text: String, inkHeight: Int) throws(MediaError) -> TextMask {
    let mask = try typesetter.mask(for: text, inkHeight: inkHeight)
    let width = max(1, Int((Double(mask.width) / aspect).rounded()))
    let step = Double(mask.width) / Double(width)
    var coverage = [UInt8](repeating: 0, count: width * mask.height)
    for x in 0..<width {
      // The mean over the columns that fall into this one, parts of columns included.
      let start = Double(x) * step
      let end = min(Double(mask.width), start + step)
      for y in 0..<mask.height {
        var sum = 0.0
        var position = start
        while position < end - 1e-9 {
          let column = min(mask.width - 1, Int(position))
          let next = min(end, Double(column + 1))
          sum += Double(mask.coverage[y * mask.width + column]) * (next - position)
          position = next
        }
        coverage[y * width + x] = UInt8(min(255, (sum / max(end - start, 1e-9)).rounded()))
      }
    }
    return TextMask(width: width, height: mask.height, coverage: coverage, inkHeight: mask.inkHeight)
  }
}

extension MediaInfo {
  /// `typesetter`, or one that makes up for pixels that are not square.
  func fitted(_ typesetter: any Typesetter) -> any Typesetter {
    abs(displayPixelAspect - 1) < 0.01
      ? typesetter : SqueezedTypesetter(typesetter, aspect: displayPixelAspect)
  }
}
