internal import MediaCore

/// A palette with the alpha of its entries; colours are packed as 0xRRGGBBAA.
struct PNGPalette: Sendable {
  var entries: [UInt32]
  /// Whether the file says anything of alpha.
  let hasAlpha: Bool
  /// Entries that the file gives an alpha.
  private let storedAlphaCount: Int
  private let storedEntries: [UInt32]

  /// A palette of `colors`, three bytes an entry, and the alphas of the first entries.
  init(colors: [UInt8], alpha: [UInt8]) {
    entries = (0..<colors.count / 3).map { index in
      let rgb = colors[(3 * index)..<(3 * index + 3)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return rgb << 8 | UInt32(index < alpha.count ? alpha[index] : 255)
    }
    hasAlpha = !alpha.isEmpty
    storedAlphaCount = alpha.count
    storedEntries = entries
  }

  var hasChanged: Bool { entries != storedEntries }
  /// Entries behind those of the file.
  var addedCount: Int { entries.count - storedEntries.count }
  /// The data of PLTE.
  var colorBytes: [UInt8] { entries.flatMap { $0.bigEndianBytes.prefix(3) } }

  /// The data of tRNS: alphas up to the last entry that needs one; nil when the file's own still holds.
  var alphaBytes: [UInt8]? {
    guard hasAlpha else { return nil }
    let last = entries.lastIndex { $0 & 0xFF != 255 } ?? -1
    let bytes = entries.prefix(max(storedAlphaCount, last + 1)).map { UInt8(truncatingIfNeeded: $0) }
    let stored = storedEntries.prefix(storedAlphaCount).map { UInt8(truncatingIfNeeded: $0) }
    return bytes == stored ? nil : bytes
  }
}

/// Finds room in a palette for the colours of an edit.
struct PNGPaletteFit {
  /// Largest root mean square distance over all edited pixels, and largest of any, in steps of 8 bits: an
  /// anti-aliased edge in eight levels stays below both.
  private static let meanDistance = 6.0
  private static let worstDistance = 48
  /// Most colours that are matched. The edges of a label over all colours of a palette make fewer, and each costs a
  /// comparison with every entry.
  private static let mostColors = 8192

  /// The index for each colour.
  private(set) var indices: [UInt32: UInt16] = [:]
  /// Entries to set, by index.
  private(set) var newEntries: [(index: Int, color: UInt32)] = []
  /// Whether some colours were replaced by near ones.
  private(set) var isApproximate = false

  /// Fits the colours of `histogram` into `entries` and the `free` indices; nil when that would show.
  init?(_ histogram: [UInt32: Int], entries: [UInt32], free: [Int]) {
    var known: [UInt32: Int] = [:]
    let isFree = Set(free)
    for (index, color) in entries.enumerated() where known[color] == nil && !isFree.contains(index) {
      known[color] = index
    }
    // Sorted, for the same edit must give the same file.
    let missing = histogram.keys.filter { known[$0] == nil }.sorted()
    for (color, index) in known where histogram[color] != nil {
      indices[color] = UInt16(truncatingIfNeeded: index)
    }
    if missing.count <= free.count {
      for (color, index) in zip(missing, free) {
        newEntries.append((index, color))
        indices[color] = UInt16(truncatingIfNeeded: index)
      }
      return
    }
    guard missing.count <= Self.mostColors else { return nil }
    let levels = MedianCut.colors(missing.map { ($0, histogram[$0] ?? 1) }, atMost: free.count)
    newEntries = zip(free, levels).map { ($0, $1) }
    isApproximate = true
    let choices = known.map { ($0.value, $0.key) } + newEntries.map { ($0.index, $0.color) }
    guard approximate(missing, histogram, choices.sorted { $0.0 < $1.0 }) else { return nil }
  }

  private mutating func approximate(
    _ colors: [UInt32], _ histogram: [UInt32: Int], _ choices: [(Int, UInt32)]
  ) -> Bool {
    var sum = 0.0
    for color in colors {
      var best: (index: Int, distance: Int)?
      for (index, choice) in choices {
        let distance = color.squaredDistance(to: choice)
        if distance < best?.distance ?? .max { best = (index, distance) }
      }
      guard let best, best.distance <= Self.worstDistance * Self.worstDistance else { return false }
      indices[color] = UInt16(truncatingIfNeeded: best.index)
      sum += Double(best.distance * (histogram[color] ?? 1))
    }
    let pixels = histogram.values.reduce(0, +)
    return sum <= Self.meanDistance * Self.meanDistance * Double(pixels)
  }
}

/// Heckbert's median cut over packed colours.
enum MedianCut {
  /// At most `limit` colours that stand for `colors`, given with their pixel counts.
  static func colors(_ colors: [(color: UInt32, count: Int)], atMost limit: Int) -> [UInt32] {
    guard limit > 0, !colors.isEmpty else { return [] }
    var boxes = [Box(colors)]
    while boxes.count < limit {
      let widest = boxes.indices.max { boxes[$0].spread < boxes[$1].spread }
      guard let widest, boxes[widest].spread > 0 else { break }
      let (low, high) = boxes[widest].split()
      boxes[widest] = low
      boxes.append(high)
    }
    return boxes.map(\.mean)
  }

  private struct Box {
    let colors: [(color: UInt32, count: Int)]
    /// The channel with the largest weighted variance, and that sum.
    let channel: Int
    let spread: Double

    init(_ colors: [(color: UInt32, count: Int)]) {
      self.colors = colors
      let pixels = Double(colors.reduce(0) { $0 + $1.count })
      var best = (channel: 0, spread: 0.0)
      for channel in 0..<4 {
        var sum = 0.0
        var squares = 0.0
        for (color, count) in colors {
          let value = Double(color.channel(channel))
          sum += value * Double(count)
          squares += value * value * Double(count)
        }
        let spread = colors.count > 1 ? squares - sum * sum / pixels : 0
        if spread > best.spread { best = (channel, spread) }
      }
      (channel, spread) = best
    }

    /// At the mean, which keeps pure ends apart from the steps between them.
    func split() -> (Box, Box) {
      let middle = Double(mean.channel(channel))
      let sorted = colors.sorted {
        ($0.color.channel(channel), $0.color) < ($1.color.channel(channel), $1.color)
      }
      let cut = sorted.firstIndex { Double($0.color.channel(channel)) > middle } ?? sorted.count / 2
      let place = min(max(cut, 1), sorted.count - 1)
      return (Box(Array(sorted[..<place])), Box(Array(sorted[place...])))
    }

    var mean: UInt32 {
      let pixels = colors.reduce(0) { $0 + $1.count }
      return (0..<4).reduce(UInt32(0)) { packed, channel in
        let sum = colors.reduce(0) { $0 + $1.color.channel(channel) * $1.count }
        return packed << 8 | UInt32((sum + pixels / 2) / max(1, pixels))
      }
    }
  }
}

extension UInt32 {
  /// A channel of a packed colour: 0 red … 3 alpha.
  fileprivate func channel(_ index: Int) -> Int { Int(self >> UInt32(24 - 8 * index) & 0xFF) }

  fileprivate func squaredDistance(to other: UInt32) -> Int {
    (0..<4).reduce(0) { sum, index in
      let difference = channel(index) - other.channel(index)
      return sum + difference * difference
    }
  }
}
