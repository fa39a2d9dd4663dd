internal import MediaCore

/// How often each luminance occurs, in steps finer than a contrast ratio can tell.
struct ToneHistogram {
  private static let bins = DisplayedTone.luminanceBins
  // Of all bins of some histograms, one after the other.
  private let counts: [Int32]
  /// Where this one's bins begin, and the first of those that may hold something.
  private let start: Int
  private let lowest: Int
  let count: Int

  private init(_ counts: [Int32], _ index: Int) {
    self.counts = counts
    let start = index * Self.bins
    self.start = start
    (lowest, count) = counts.withUnsafeBufferPointer { counts in
      var (lowest, count) = (0, Int32(0))
      while lowest < Self.bins, counts[start &+ lowest] == 0 { lowest &+= 1 }
      for bin in 0..<Self.bins { count &+= counts[start &+ bin] }
      return (lowest == Self.bins ? 0 : lowest, Int(count))
    }
  }

  /// The middle one.
  var median: Float { value(atRank: count / 2) }

  /// The luminance that sorting would put at `rank`, 0 … `count` - 1; 0 where nothing was counted.
  func value(atRank rank: Int) -> Float {
    counts.withUnsafeBufferPointer { counts in
      var below = 0
      for bin in lowest..<Self.bins {
        below &+= Int(counts[start &+ bin])
        if below > rank { return Self.luminance(bin) }
      }
      return 0
    }
  }

  /// Standard deviation as encoded tone, which is nearly the root of the luminance.
  var spread: Double {
    guard count > 0 else { return 0 }
    var sum = 0.0
    var squares = 0.0
    for bin in lowest..<Self.bins where counts[start + bin] > 0 {
      let luminance = Double(Self.luminance(bin))
      sum += luminance.squareRoot() * Double(counts[start + bin])
      squares += luminance * Double(counts[start + bin])
    }
    let mean = sum / Double(count)
    return max(0, squares / Double(count) - mean * mean).squareRoot()
  }

  private static func luminance(_ bin: Int) -> Float { Float(bin) / Float(bins - 1) }
}

extension ToneHistogram {
  /// Pixels that are enough to tell what most of an area looks like; larger areas are looked at on a grid.
  private static let enough = 5000

  /// The luminances of pixels of `region` on a grid, in `kinds` histograms: `kind` says of a pixel's index in which, or in none by `kinds`. Backdrops, encoded greys 0 … 1, lie under what is not opaque; each pixel is counted over each.
  @inline(__always)
  static func sample(
    _ region: Region, backdrops: [Float], kinds: Int, _ kind: (_ index: Int) -> Int
  ) -> [ToneHistogram] {
    let (width, height) = (region.rect.width, region.rect.height)
    let step = max(1, Int((Double(width * height) / Double(enough)).squareRoot()))
    var counts = [Int32](repeating: 0, count: (kinds + 1) * bins)
    counts.withUnsafeMutableBufferPointer { counts in
      for backdrop in backdrops {
        let found = DisplayedTone.luminances(of: region, step: step, backdrop: backdrop)
        let columns = (width + step - 1) / step
        found.withUnsafeBufferPointer { found in
          for start in stride(from: 0, to: found.count, by: max(1, columns)) {
            var pixel = start / columns &* step &* width
            for index in start..<start + columns {
              counts[kind(pixel) &* bins &+ Int(found[index])] &+= 1
              pixel &+= step
            }
          }
        }
      }
    }
    return (0..<kinds).map { ToneHistogram(counts, $0) }
  }
}
