internal import MediaCore

/// How often each luminance occurs, in steps finer than a contrast ratio can tell.
struct ToneHistogram {
  private static let bins = 4096
  private var counts = [Int32](repeating: 0, count: bins)
  private(set) var count = 0

  /// The middle one.
  var median: Float { value(atRank: count / 2) }

  /// Counts one luminance, 0 … 1.
  @inline(__always)
  mutating func add(_ luminance: Float) {
    counts[Int(min(max(luminance, 0), 1) * Float(Self.bins - 1) + 0.5)] &+= 1
    count &+= 1
  }

  /// The luminance that sorting would put at `rank`, 0 … `count` - 1; 0 where nothing was counted.
  func value(atRank rank: Int) -> Float {
    var below = 0
    for bin in counts.indices {
      below += Int(counts[bin])
      if below > rank { return Self.luminance(bin) }
    }
    return 0
  }

  /// Standard deviation as encoded tone, which is nearly the root of the luminance.
  var spread: Double {
    guard count > 0 else { return 0 }
    var sum = 0.0
    var squares = 0.0
    for bin in counts.indices where counts[bin] > 0 {
      let luminance = Double(Self.luminance(bin))
      sum += luminance.squareRoot() * Double(counts[bin])
      squares += luminance * Double(counts[bin])
    }
    let mean = sum / Double(count)
    return max(0, squares / Double(count) - mean * mean).squareRoot()
  }

  private static func luminance(_ bin: Int) -> Float { Float(bin) / Float(bins - 1) }
}

extension ToneHistogram {
  /// Pixels that are enough to tell what most of an area looks like; larger areas are looked at on a grid.
  private static let enough = 5000

  /// Calls `body` with the luminance and the index of pixels of `region` on a grid, over `backdrop` where it is not
  /// opaque.
  @inline(__always)
  static func sample(
    _ region: Region, backdrop: Float, _ body: (_ luminance: Float, _ index: Int) -> Void
  ) {
    let (width, height) = (region.rect.width, region.rect.height)
    let step = max(1, Int((Double(width * height) / Double(enough)).squareRoot()))
    DisplayedTone.forEachRow(of: region, step: step, backdrop: backdrop) { y, luminance in
      for x in stride(from: 0, to: width, by: step) { body(luminance[x], y * width + x) }
    }
  }
}
