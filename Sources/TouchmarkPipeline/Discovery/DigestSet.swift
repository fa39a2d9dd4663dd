/// A set of digests that takes about 21 bytes for each of 16: a manifest may name millions. A `Set` takes up to 43, and half as much again
/// for as long as it grows.
struct DigestSet: Sendable {
  private typealias Word = SIMD2<UInt64>

  /// Slots of one part of all, of which it uses some; zero is free.
  private struct Part {
    var slots: [Word] = []
    var used = 0
  }

  /// Parts grow by themselves, so that little is there twice.
  private var parts = [Part](repeating: Part(), count: 1 << partBits)
  private var hasZero = false
  private let seed = UInt64.random(in: .min ... .max)
  private static let partBits = 8
  private static let leastSlots = 8

  /// Whether `digest` was not there before.
  mutating func insert(_ digest: PathDigest) -> Bool {
    let word = Word(digest.a, digest.b)
    guard word != .zero else {
      defer { hasZero = true }
      return !hasZero
    }
    return insert(word, into: Int(place(of: word) >> UInt64(64 - Self.partBits)))
  }

  /// A number whose bits all depend on those of `word`, which may be a device and an inode, or made so that many would lead to one place
  /// (the multipliers are Stafford's thirteenth variant of MurmurHash3's finisher).
  private func place(of word: Word) -> UInt64 {
    var mixed = seed
    for half in 0..<2 {
      mixed ^= word[half]
      mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
      mixed ^= mixed >> 31
    }
    return mixed
  }

  private mutating func insert(_ word: Word, into part: Int) -> Bool {
    // At most five in six slots are used, after growth two in three.
    if 6 * (parts[part].used + 1) > 5 * parts[part].slots.count { grow(part) }
    let slot = find(word, in: parts[part].slots)
    guard parts[part].slots[slot] != word else { return false }
    parts[part].slots[slot] = word
    parts[part].used += 1
    return true
  }

  /// The slot that holds `word`, or the free one for it.
  private func find(_ word: Word, in slots: [Word]) -> Int {
    // Of what is below the bits that chose the part.
    let spread = (place(of: word) << UInt64(Self.partBits)).multipliedFullWidth(by: UInt64(slots.count)).high
    var slot = Int(spread)
    while slots[slot] != .zero, slots[slot] != word { slot = slot + 1 == slots.count ? 0 : slot + 1 }
    return slot
  }

  private mutating func grow(_ part: Int) {
    let old = parts[part].slots
    var slots = [Word](repeating: .zero, count: max(Self.leastSlots, old.count * 5 / 4))
    for word in old where word != .zero { slots[find(word, in: slots)] = word }
    parts[part].slots = slots
  }
}
