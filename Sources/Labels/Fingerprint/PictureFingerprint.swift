public import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// What a picture looks like, as the 16 × 16 lowest frequencies of its luma but the constant ones: as PDQ does it (Facebook,
/// 2019), a cosine transform of 64 × 64 means, each frequency a bit that says whether it is above their median.
public struct PictureFingerprint: Sendable, Hashable {
  /// A way of turning a picture: mirrored left to right first, then transposed.
  struct Turn: Sendable, Hashable {
    /// Left and right change places.
    let isMirrored: Bool
    /// Top and bottom change places.
    let isFlipped: Bool
    /// Rows and columns change places, last.
    let isTransposed: Bool
    /// All eight; the first leaves the picture as it is.
    static let all = (0..<8).map {
      Turn(isMirrored: $0 & 1 != 0, isFlipped: $0 & 2 != 0, isTransposed: $0 & 4 != 0)
    }
  }

  /// What was cut from the sides of a picture, or added to them where negative, as fractions of what is there now.
  struct Margins: Sendable, Hashable {
    var left = 0.0
    var top = 0.0
    var right = 0.0
    var bottom = 0.0

    /// Cuts and frames that are tried: one side, two opposite ones, all four. What lies between two of them is near enough to
    /// one.
    static let likely: [Margins] =
      [0.055, 0.12].flatMap { cut in
        [Margins(left: cut), Margins(top: cut), Margins(right: cut), Margins(bottom: cut)]
      }
      + [0.03, 0.06, -0.045].map { Margins(left: $0, top: $0, right: $0, bottom: $0) }
      + [0.05, -0.1].flatMap { [Margins(left: $0, right: $0), Margins(top: $0, bottom: $0)] }
  }

  /// Means taken each way.
  private static let side = 64
  /// Frequencies kept each way, from 1 on.
  private static let count = 16
  /// Root mean square of the frequencies, in steps of 8 bits, below which a picture has too little in it to be told by.
  static let leastContrast: Float = 12

  /// Row by row, `side²`.
  private let means: [Float]
  /// Row by row, `count²`.
  private let frequencies: [Float]

  /// Whether there is enough in the picture for its hash to mean anything; a plain one looks like every other.
  public var isDistinct: Bool {
    let power = frequencies.reduce(0) { $0 + $1 * $1 } / Float(frequencies.count)
    return power >= Self.leastContrast * Self.leastContrast
  }

  /// The picture's hash.
  public var hash: PerceptualHash { Self.hash(frequencies) }

  /// The hashes that it may have had before it was mirrored, turned, cut a little or framed; its own is the first.
  public var likelyHashes: [PerceptualHash] {
    Turn.all.map { hash(turned: $0) } + Margins.likely.map { hash(restoring: $0) }
  }

  /// The hash that the picture would have with the `margins` that it lost; what was there is taken to be as the edge is.
  func hash(restoring margins: Margins) -> PerceptualHash {
    let columns = Self.places(margins.left, margins.right)
    let rows = Self.places(margins.top, margins.bottom)
    var restored = [Float](repeating: 0, count: means.count)
    for (y, row) in rows.enumerated() {
      for (x, column) in columns.enumerated() {
        let place = row.index * Self.side + column.index
        let above = means[place] + (means[place + 1] - means[place]) * column.share
        let below =
          means[place + Self.side]
          + (means[place + Self.side + 1] - means[place + Self.side]) * column.share
        restored[y * Self.side + x] = above + (below - above) * row.share
      }
    }
    return Self.hash(Self.transform(restored))
  }

  /// For each mean along one side of the restored picture, the mean of this one to its left or above, and how far it lies
  /// from there to the next.
  private static func places(_ before: Double, _ after: Double) -> [(index: Int, share: Float)] {
    (0..<side).map { index in
      let place = (Double(index) + 0.5) * (1 + before + after) - before * Double(side) - 0.5
      let inside = min(max(place, 0), Double(side - 1))
      let first = min(Int(inside), side - 2)
      return (first, Float(inside - Double(first)))
    }
  }

  /// The hash that the picture would have after `turn`.
  func hash(turned turn: Turn) -> PerceptualHash {
    let count = Self.count
    // Odd cosines change their sign with the direction.
    var turned = [Float](repeating: 0, count: count * count)
    for v in 0..<count {
      for u in 0..<count {
        let isNegative = (turn.isMirrored && u % 2 == 0) != (turn.isFlipped && v % 2 == 0)
        let value = frequencies[v * count + u]
        turned[turn.isTransposed ? u * count + v : v * count + u] = isNegative ? -value : value
      }
    }
    return Self.hash(turned)
  }

  private static func hash(_ frequencies: [Float]) -> PerceptualHash {
    let median = median(frequencies)
    var words = SIMD4<UInt64>()
    for (index, value) in frequencies.enumerated() where value > median {
      // Neighbouring frequencies, which go together, stand in different bands.
      let place =
        index % PerceptualHash.bandCount * (PerceptualHash.bitCount / PerceptualHash.bandCount)
        + index / PerceptualHash.bandCount
      words[place / 64] |= 1 << UInt64(place % 64)
    }
    return PerceptualHash(words: words)
  }

  /// The mean of the two middle ones of an even number of values, found without sorting the others.
  private static func median(_ values: [Float]) -> Float {
    var values = values
    return values.withUnsafeMutableBufferPointer { values in
      let middle = values.count / 2
      var (low, high) = (0, values.count - 1)
      while low < high {
        let pivot = values[(low + high) / 2]
        var (left, right) = (low, high)
        while left <= right {
          while values[left] < pivot { left += 1 }
          while values[right] > pivot { right -= 1 }
          guard left <= right else { break }
          values.swapAt(left, right)
          left += 1
          right -= 1
        }
        if middle <= right { high = right } else if middle >= left { low = left } else { break }
      }
      // What stands before the upper one is not greater than it.
      let lower = values[..<middle].max() ?? values[middle]
      return (lower + values[middle]) / 2
    }
  }

  /// What is read of a picture of `size`, as far as a codec can choose.
  public static func reading(of size: PixelSize) -> FrameReading {
    FingerprintMeans.readsFirst(size, side) ? .first : .luma
  }

  /// The fingerprint of `frame` as stored; nil for one with fewer than 64 pixels either way. Throws what reading throws.
  public init?(_ frame: any Frame) throws(MediaError) {
    guard frame.size.shortestSide >= Self.side else { return nil }
    means = try FingerprintMeans.plane(of: frame, side: Self.side).values
    frequencies = Self.transform(means)
  }

  private static let cosines: [Float] = (1...count).flatMap { u in
    (0..<side).map { x in
      Float((2 / Double(side)).squareRoot() * cos(Double((2 * x + 1) * u) * .pi / Double(2 * side)))
    }
  }

  /// By place along a side, the cosines of all frequencies there: `count` of them, side by side.
  private static let lanes: [SIMD16<Float>] = (0..<side).map { x in
    SIMD16((0..<count).map { cosines[$0 * side + x] })
  }

  private static func transform(_ means: [Float]) -> [Float] {
    let rows = (0..<side).map { y in
      (0..<side).reduce(into: SIMD16<Float>.zero) { $0 += lanes[$1] * means[y * side + $1] }
    }
    var result: [Float] = []
    result.reserveCapacity(count * count)
    for v in 0..<count {
      let sum = (0..<side).reduce(into: SIMD16<Float>.zero) { $0 += rows[$1] * cosines[v * side + $1] }
      for u in 0..<count { result.append(sum[u]) }
    }
    return result
  }
}

/// Takes the fingerprints of a file's frames: of a picture its own, of a video those of distinct frames of its opening, one
/// and then none for 0.9 seconds. Owned by one worker.
public final class FingerprintCollector {
  private static let interval = 0.9
  private static let opening = 2.0

  /// Those taken, in the order of the frames.
  public private(set) var fingerprints: [PictureFingerprint] = []
  private var next = -Double.infinity

  /// None taken.
  public init() {}

  /// Looks at a frame; those come in the order in which they are shown.
  public func observe(_ frame: any Frame) throws(MediaError) {
    guard frame.time >= next, frame.time < Self.opening else { return }
    next = frame.time + Self.interval
    guard let fingerprint = try PictureFingerprint(frame), fingerprint.isDistinct else { return }
    fingerprints.append(fingerprint)
  }
}
