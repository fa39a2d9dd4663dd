internal import MediaCore
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// What a key makes of one tile of 64 × 64 cells: which waves carry synchronisation and which the message, their
/// phases, the order and mask of the code's bits, and the sign of each tile of a picture.
///
/// Waves are the two-dimensional frequencies (x, y) cycles a tile with `innerRadius` ≤ |(x, y)| ≤ `outerRadius`, one of each
/// conjugate pair. One object for all workers: with a copy of its arrays each picture would write to the count of references of
/// each array, which the processors then hand to and fro.
final class TileCode: Sendable {
  /// One wave, cycles a tile.
  struct Wave {
    let x: Int
    let y: Int
    /// The phase a mark gives it, before the message.
    let phase: Double
    /// Of the phase.
    let cosine: Double
    let sine: Double
    /// The whole number nearest to the wave's distance from frequency nothing.
    let ring: Int

    init(x: Int, y: Int, phase: Double) {
      (self.x, self.y, self.phase) = (x, y, phase)
      ring = Int(Float(x * x + y * y).squareRoot() + 0.5)
      (cosine, sine) = (cos(phase), sin(phase))
    }
  }

  /// Cells along a side of a tile.
  static let side = 64
  static let innerRadius = 4.0
  static let outerRadius = 15.5
  /// Waves that carry the message: two bits each.
  static let messageWaves = PolarCode.picture.length / 2
  /// Synchronisation patterns a key has: a picture shows one, so that averaging pictures of one key blurs them.
  static let patterns = 4
  /// Tiles after which their signs repeat, and the side of the blocks of tiles of one sign.
  static let signPeriod = 8
  static let signBlock = 2

  /// Waves of the message: wave m carries bit m in its real part and bit m + 256 in its imaginary part.
  let message: [Wave]
  /// Waves of synchronisation, by pattern.
  let sync: [[Wave]]
  /// Which bit of the code stands at each place.
  let order: [Int]
  /// What is added to the bit at each place.
  let mask: [UInt8]
  /// ±1 for each tile of a period, by pattern, row by row.
  let signs: [[Float]]
  /// The waves where they stand in a tile that lies as it was drawn.
  let placed: PlacedCode
  /// What the tiles of all pictures have in common.
  let planes = SyncPlanes()

  init(_ key: WatermarkKey) {
    var layout = KeyedStream(key, "tile")
    let all = Self.waves
    let (carriers, rest) = Self.places(all, &layout)
    message = carriers.map { Wave(x: all[$0].x, y: all[$0].y, phase: layout.nextPhase()) }
    order = layout.permutation(PolarCode.picture.length)
    mask = (0..<PolarCode.picture.length).map { _ in layout.nextByte() & 1 }
    var patterns: [[Wave]] = []
    var signs: [[Float]] = []
    for pattern in 0..<Self.patterns {
      var stream = KeyedStream(key, "pattern \(pattern)")
      patterns.append(rest.map { Wave(x: all[$0].x, y: all[$0].y, phase: stream.nextPhase()) })
      signs.append(Self.signs(&stream))
    }
    sync = patterns
    self.signs = signs
    placed = PlacedCode(message: message, sync: patterns)
  }

  private static let known = Mutex<[WatermarkKey: TileCode]>([:])
  /// Codes kept.
  private static let most = 8

  /// The code of `key`, derived once for all pictures of a run.
  static func of(_ key: WatermarkKey) -> TileCode {
    if let code = known.withLock({ $0[key] }) { return code }
    let code = TileCode(key)
    known.withLock { known in
      if known.count >= most { known.removeAll() }
      known[key] = code
    }
    return code
  }

  /// The pattern that a picture with this payload shows.
  static func pattern(of payload: WatermarkPayload) -> Int {
    Int((payload.bits ^ payload.bits >> 17 ^ payload.bits >> 40) % UInt64(patterns))
  }

  /// The values ±1 of the message's bits as they stand on the waves.
  func symbols(_ payload: WatermarkPayload) -> [Float] {
    let word = PolarCode.picture.encode(payload.bits)
    return (0..<PolarCode.picture.length).map { word[order[$0]] ^ mask[$0] == 0 ? 1 : -1 }
  }

  private static let waves: [(x: Int, y: Int)] = {
    let reach = Int(outerRadius)
    var result: [(x: Int, y: Int)] = []
    for y in 0...reach {
      for x in -reach...reach where y > 0 || x > 0 {
        let square = Double(x * x + y * y)
        if square >= innerRadius * innerRadius, square <= outerRadius * outerRadius { result.append((x, y)) }
      }
    }
    return result
  }()

  /// Which of `waves` carry the message, in the order of its bits, and which synchronisation. Of each eleven of about the same frequency a key
  /// picks eight for the message: with a choice among all, one key would have more of what outlasts codecs and reductions than another.
  private static func places(
    _ waves: [(x: Int, y: Int)], _ stream: inout KeyedStream
  ) -> (message: [Int], sync: [Int]) {
    func square(_ index: Int) -> Int { waves[index].x * waves[index].x + waves[index].y * waves[index].y }
    let ordered = waves.indices.sorted { (square($0), $0) < (square($1), $1) }
    var (message, sync): ([Int], [Int]) = ([], [])
    for start in stride(from: 0, to: ordered.count, by: classOfWaves) {
      let picked = stream.permutation(min(classOfWaves, ordered.count - start)).map { ordered[start + $0] }
      message += picked.prefix(carriersOfClass)
      sync += picked.dropFirst(carriersOfClass)
    }
    return (stream.permutation(message.count).map { message[$0] }, sync)
  }

  private static let classOfWaves = 11
  private static let carriersOfClass = 8

  /// As many blocks of one sign as of the other, so that the sum over a period is nothing.
  private static func signs(_ stream: inout KeyedStream) -> [Float] {
    let blocks = signPeriod / signBlock
    let places = stream.permutation(blocks * blocks)
    var blockSigns = [Float](repeating: 1, count: blocks * blocks)
    for place in places.prefix(blocks * blocks / 2) { blockSigns[place] = -1 }
    return (0..<signPeriod * signPeriod).map { index in
      blockSigns[index / signPeriod / signBlock * blocks + index % signPeriod / signBlock]
    }
  }
}
