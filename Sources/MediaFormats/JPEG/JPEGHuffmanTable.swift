/// A Huffman table of a sequential scan (T.81 B.2.4.2): for reading by the bits that come next, for writing by symbol.
final class JPEGHuffmanTable {
  /// What the next bits of a scan say, packed a byte each from the lowest: bits of code and value together, coefficients to
  /// move on by, bits of the code, bits of the value. Zero where nothing valid begins.
  typealias Entry = UInt32

  /// Bits that codes are looked up by; longer ones are rare.
  static let lookupBits = 10
  /// Bits that two codes at a time are looked up by.
  static let pairBits = 11
  /// How far an end of block moves on: beyond every block.
  static let endOfBlock = 128

  /// The table for loops over blocks, trivial to copy; valid while the table lives.
  struct Lookup {
    fileprivate let entries: UnsafePointer<Entry>
    fileprivate let long: UnsafePointer<Entry>
    fileprivate let firstLong: Int
    fileprivate let codes: UnsafePointer<UInt32>
    fileprivate let pairs: UnsafePointer<Entry>

    /// The entry of the code at the upper end of `window`.
    @inline(__always) func entry(_ window: UInt64) -> Entry {
      let entry = entries[Int(truncatingIfNeeded: window &>> UInt64(64 - lookupBits))]
      if entry != 0 { return entry }
      let bits = Int(truncatingIfNeeded: window &>> 48)
      return bits >= firstLong ? long[bits &- firstLong] : 0
    }

    /// The entry of the code at the upper end of `window`, or the sum of its and of the next one's where a look tells both: of
    /// their bits and of what they move on by; the rest of it is of no meaning. They move on by at most 32, or end the block.
    @inline(__always) func step(_ window: UInt64) -> Entry {
      let entry = pairs[Int(truncatingIfNeeded: window &>> UInt64(64 - pairBits))]
      return entry != 0 ? entry : self.entry(window)
    }

    /// The code of `symbol` from bit 8, its length below; zero for a symbol without a code.
    @inline(__always) func code(_ symbol: Int) -> UInt32 { codes[symbol & 0xFF] }
  }

  let lookup: Lookup
  /// Class and number as a DHT segment holds them: 0x00 … 0x03 for first coefficients, 0x10 … 0x13 for the others.
  let id: UInt8
  /// Codes of 1 … 16 bits.
  let counts: [UInt8]
  /// In the order of their codes.
  let symbols: [UInt8]
  private let storage: UnsafeMutablePointer<UInt32>

  /// A table with `counts` codes of 1 … 16 bits for `symbols`. Nil for what is no table of an 8-bit scan.
  init?(id: UInt8, counts: ArraySlice<UInt8>, symbols: ArraySlice<UInt8>) {
    let isDC = id >> 4 == 0
    guard id >> 4 <= 1, id & 15 < 4, counts.count == 16, counts.reduce(0, { $0 + Int($1) }) == symbols.count,
      symbols.count <= 256, !isDC || symbols.allSatisfy({ $0 < 16 })
    else { return nil }
    (self.id, self.counts, self.symbols) = (id, Array(counts), Array(symbols))
    var coded: [(code: Int, length: Int)] = []
    var next = 0
    var firstLong = 1 << 16
    for (length, count) in zip(1..., counts) {
      if length == Self.lookupBits + 1 { firstLong = next << (16 - length) }
      coded += (next..<next + Int(count)).map { ($0, length) }
      next += Int(count)
      // A code of nothing but ones is none (T.81 C.2).
      guard next < 1 << length else { return nil }
      next <<= 1
    }
    let short = 1 << Self.lookupBits
    let pairCount = isDC ? 0 : 1 << Self.pairBits
    let total = short + 256 + pairCount + (1 << 16) - firstLong
    storage = .allocate(capacity: total)
    storage.initialize(repeating: 0, count: total)
    let codes = storage + short
    let pairs = codes + 256
    let long = pairs + pairCount
    lookup = Lookup(entries: storage, long: long, firstLong: firstLong, codes: codes, pairs: pairs)
    for (symbol, (code, length)) in zip(symbols, coded) {
      let entry = Self.entry(symbol, length, isDC: isDC)
      guard entry != 0 else { continue }
      if codes[Int(symbol)] == 0 { codes[Int(symbol)] = UInt32(code << 8 | length) }
      let isLong = length > Self.lookupBits
      let shift = (isLong ? 16 : Self.lookupBits) - length
      let place = isLong ? long + (code << shift - firstLong) : storage + code << shift
      place.update(repeating: entry, count: 1 << shift)
    }
    for bits in 0..<pairCount { pairs[bits] = Self.pair(bits, storage) }
  }

  deinit { storage.deallocate() }

  /// What `pairBits` bits say of two codes, or of one where they do not hold both.
  private static func pair(_ bits: Int, _ entries: UnsafePointer<Entry>) -> Entry {
    let first = entries[bits >> (pairBits - lookupBits)]
    let used = Int(first & 0xFF)
    guard first != 0, first >> 8 & 0xFF < endOfBlock, used < pairBits else { return first }
    let rest = bits << used & (1 << pairBits - 1)
    let second = entries[rest >> (pairBits - lookupBits)]
    // The bits of the second's value need not be known.
    guard second != 0, Int(second >> 16 & 0xFF) <= pairBits - used else { return first }
    return (first & 0xFFFF) + (second & 0xFFFF)
  }

  /// Zero for symbols that 8-bit samples have no use for (T.81 tables F.1 and F.2).
  private static func entry(_ symbol: UInt8, _ length: Int, isDC: Bool) -> Entry {
    let size = Int(isDC ? symbol : symbol & 15)
    let run = isDC ? 0 : Int(symbol >> 4)
    guard size <= (isDC ? 11 : 10) else { return 0 }
    var advance = run + 1
    if !isDC, size == 0 {
      guard run == 0 || run == 15 else { return 0 }
      if run == 0 { advance = endOfBlock }
    }
    return Entry(length + size | advance << 8 | length << 16 | size << 24)
  }
}
