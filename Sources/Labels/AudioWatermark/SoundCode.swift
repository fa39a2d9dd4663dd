internal import MediaCore

/// What a key makes of one period of tiles: which of them synchronise and which carry the message, and the sign of each.
struct SoundCode {
  /// Tiles of a period.
  static let cells = SoundTiles.period * SoundTiles.bands
  /// Places that the bits of a message take.
  static let places = 256
  /// Sums that synchronisation is embedded in.
  static let syncGroups = 12
  /// First bands of the parts that are shared out evenly, so that no bit depends on frequencies that a telephone drops.
  private static let parts = [0, 17, 32, SoundTiles.bands]

  /// The messages: 32 bits for clips, 64 for longer sound.
  static let short = PolarCode(levels: 8, payloadBits: 32, checksumBits: 8)
  static let long = PolarCode(levels: 8, payloadBits: 64, checksumBits: 8)

  /// The place of each tile of a period, row by row; -1 - g for those of synchronisation, in group g.
  let place: [Int16]
  /// ±1 for each tile.
  let chip: [Float]
  /// The chip where a tile synchronises, else 0.
  let sync: [Float]
  /// ±1 for each place: which sign stands for a bit 0.
  let mask: [Float]

  init(_ key: WatermarkKey) {
    var stream = KeyedStream(key, "sound")
    var place = [Int16](repeating: 0, count: Self.cells)
    var (syncs, bits) = (0, 0)
    for (low, high) in zip(Self.parts, Self.parts.dropFirst()) {
      let width = high - low
      let order = stream.permutation(SoundTiles.period * width)
      for (index, cell) in order.enumerated() {
        let at = cell / width * SoundTiles.bands + low + cell % width
        if index < order.count / 5 {
          place[at] = Int16(-1 - syncs % Self.syncGroups)
          syncs += 1
        } else {
          place[at] = Int16(bits % Self.places)
          bits += 1
        }
      }
    }
    self.place = place
    chip = (0..<Self.cells).map { _ in stream.nextByte() & 1 == 0 ? 1 : -1 }
    sync = zip(place, chip).map { $0 < 0 ? $1 : 0 }
    mask = (0..<Self.places).map { _ in stream.nextByte() & 1 == 0 ? 1 : -1 }
  }

  /// ±1 for each tile of a period of `message`: whether it is made louder.
  func signs(of message: SoundMessage) -> [Float] {
    let word = message.word
    return (0..<Self.cells).map { cell in
      guard place[cell] >= 0 else { return chip[cell] }
      let place = Int(place[cell])
      return chip[cell] * mask[place] * (word[place % word.count] == 0 ? 1 : -1)
    }
  }

  /// The sum that each tile of a period belongs to: a bit of `message`, or behind them a group of synchronisation.
  func sums(of message: SoundMessage) -> [Int] {
    place.map { $0 >= 0 ? Int($0) % message.code.length : message.code.length - 1 - Int($0) }
  }
}

/// What sound says: 32 bits in clips of up to 10 s, which are the upper half of a payload XOR its lower half, or all 64.
struct SoundMessage: Hashable, CustomStringConvertible {
  let bits: UInt64
  let isShort: Bool

  /// Seconds of the longest sound that carries 32 bits; what is longer carries all 64.
  static let shortSeconds = 10.0

  init(bits: UInt64, isShort: Bool) {
    self.bits = bits
    self.isShort = isShort
  }

  init(_ payload: WatermarkPayload, seconds: Double) {
    isShort = seconds <= Self.shortSeconds
    bits = isShort ? UInt64(payload.folded) : payload.bits
  }

  var code: PolarCode { isShort ? SoundCode.short : SoundCode.long }
  var word: [UInt8] { code.encode(bits) }

  /// Bits of the word that differ from those of `other`'s.
  func differences(from other: SoundMessage) -> Int { zip(word, other.word).count { $0 != $1 } }

  /// 8 or 16 hexadecimal digits.
  var description: String {
    isShort
      ? String(WatermarkPayload(bits: bits).description.suffix(8)) : WatermarkPayload(bits: bits).description
  }
}
