internal import CImageIO
internal import Synchronization

/// A Huffman table of a sequential scan (T.81 B.2.4.2): for reading by the bits that come next, for writing by symbol. Nothing of
/// it changes once it is made.
///
/// Unchecked, for it holds pointers: `init` alone writes what they point to, `deinit` frees it, and between them threads only read.
final class JPEGHuffmanTable: @unchecked Sendable {
  /// What the next bits of a scan say, packed a byte each from the lowest: bits of code and value together, coefficients to
  /// move on by, bits of the code, bits of the value. Zero where nothing valid begins.
  typealias Entry = UInt32

  /// Bits that codes are looked up by; longer ones are rare.
  static let lookupBits = 10
  /// Bits that two codes with their values are looked up by, and what they may move on by.
  private static let pairBits = lookupBits
  private static let pairAdvance = 16
  /// How far an end of block moves on: beyond every block.
  static let endOfBlock = 128

  /// The table for loops over blocks, trivial to copy; valid while the table lives.
  struct Lookup {
    fileprivate let entries: UnsafePointer<Entry>
    fileprivate let long: UnsafePointer<Entry>
    fileprivate let firstLong: Int
    fileprivate let codes: UnsafePointer<UInt32>
    /// All of them for the loops in C.
    let kernel: UnsafePointer<tm_huffman_table>

    /// The entry of the code at the upper end of `window`.
    @inline(__always) func entry(_ window: UInt64) -> Entry {
      let entry = entries[Int(truncatingIfNeeded: window &>> UInt64(64 - lookupBits))]
      if entry != 0 { return entry }
      let bits = Int(truncatingIfNeeded: window &>> 48)
      return bits >= firstLong ? long[bits &- firstLong] : 0
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
  private let pairs: UnsafeMutablePointer<UInt64>
  private let kernel: UnsafeMutablePointer<tm_huffman_table>

  /// A table with `counts` codes of 1 … 16 bits for `symbols`. Nil for what is no table of an 8-bit scan.
  init?(id: UInt8, counts: ArraySlice<UInt8>, symbols: ArraySlice<UInt8>) {
    let isDC = id >> 4 == 0
    guard id >> 4 <= 1, id & 15 < 4, counts.count == 16, counts.reduce(0, { $0 + Int($1) }) == symbols.count,
      symbols.count <= 256, !isDC || symbols.allSatisfy({ $0 < 16 })
    else { return nil }
    (self.id, self.counts, self.symbols) = (id, Array(counts), Array(symbols))
    var places: [(code: Int, length: Int)] = []
    var next = 0
    var firstLong = 1 << 16
    for (length, count) in zip(1..., counts) {
      if length == Self.lookupBits + 1 { firstLong = next << (16 - length) }
      places += (next..<next + Int(count)).map { ($0, length) }
      next += Int(count)
      // A code of nothing but ones is none (T.81 C.2).
      guard next < 1 << length else { return nil }
      next <<= 1
    }
    let (short, codedCount, pairCount) = (
      1 << Self.lookupBits, isDC ? 0 : 1024, isDC ? 0 : 1 << Self.pairBits
    )
    let total = short + 256 + codedCount + (1 << 16) - firstLong
    storage = .allocate(capacity: total)
    storage.initialize(repeating: 0, count: total)
    pairs = .allocate(capacity: pairCount)
    kernel = .allocate(capacity: 1)
    let codes = storage + short
    let coded = codes + 256
    let long = coded + codedCount
    kernel.initialize(
      to: tm_huffman_table(
        pairs: pairs, entries: storage, longs: long, first_long: UInt32(firstLong), codes: codes, coded: coded
      ))
    lookup = Lookup(entries: storage, long: long, firstLong: firstLong, codes: codes, kernel: kernel)
    for (symbol, (code, length)) in zip(symbols, places) {
      let entry = Self.entry(symbol, length, isDC: isDC)
      guard entry != 0 else { continue }
      if codes[Int(symbol)] == 0 { codes[Int(symbol)] = UInt32(code << 8 | length) }
      let isLong = length > Self.lookupBits
      let shift = (isLong ? 16 : Self.lookupBits) - length
      let place = isLong ? long + (code << shift - firstLong) : storage + code << shift
      place.update(repeating: entry, count: 1 << shift)
    }
    for bits in 0..<pairCount { (pairs + bits).initialize(to: Self.pair(bits, storage)) }
    for index in 0..<codedCount { coded[index] = Self.coded(run: index >> 6, index & 63 - 32, codes) }
  }

  deinit {
    storage.deallocate()
    pairs.deallocate()
    kernel.deallocate()
  }

  private static let tables = Mutex<[[UInt8]: JPEGHuffmanTable]>([:])
  /// Tables kept: files of one encoder have the same ones.
  private static let most = 32

  /// The table that `definition` of a DHT segment is of, from its id on. Nil for what is no table of an 8-bit scan.
  static func known(_ definition: ArraySlice<UInt8>) -> JPEGHuffmanTable? {
    let key = Array(definition)
    if let table = tables.withLock({ $0[key] }) { return table }
    guard key.count >= 17, let table = JPEGHuffmanTable(id: key[0], counts: key[1..<17], symbols: key[17...])
    else {
      return nil
    }
    tables.withLock { tables in
      if tables.count >= most { tables.removeAll() }
      tables[key] = table
    }
    return table
  }

  /// What `pairBits` bits say of one code and its value, or of two; zero where they do not hold one.
  private static func pair(_ bits: Int, _ entries: UnsafePointer<Entry>) -> UInt64 {
    let first = entries[bits >> (pairBits - lookupBits)]
    let used = Int(first & 0xFF)
    guard first != 0, used <= pairBits else { return 0 }
    let (advance, value) = (UInt64(first >> 8 & 0xFF), self.value(first, bits))
    let single = UInt64(used) | advance << 8 | advance << 16 | value << 32 | value << 48
    guard advance < endOfBlock else { return single }
    let rest = bits << used & (1 << pairBits - 1)
    let second = entries[rest >> (pairBits - lookupBits)]
    let (all, both) = (used + Int(second & 0xFF), advance + UInt64(second >> 8 & 0xFF))
    guard second != 0, all <= pairBits, both <= pairAdvance || both > endOfBlock else { return single }
    return UInt64(all) | both << 8 | advance << 16 | value << 32 | self.value(second, rest) << 48
  }

  /// The 16 bits of the value that stands behind the code of `entry` at the upper end of `bits`, which are `pairBits`.
  private static func value(_ entry: Entry, _ bits: Int) -> UInt64 {
    let size = Int(entry >> 24)
    let value = bits >> (pairBits - Int(entry & 0xFF)) & (1 << size - 1)
    let isNegative = size > 0 && value >> (size - 1) == 0
    return UInt64(UInt16(truncatingIfNeeded: isNegative ? value - (1 << size - 1) : value))
  }

  /// The code of `run` zeros and `value` above the length of both, 5 bits; zero for none.
  private static func coded(run: Int, _ value: Int, _ codes: UnsafePointer<UInt32>) -> UInt32 {
    let size = JPEGBitWriter.size(value)
    let code = codes[run << 4 | size]
    guard code != 0, size > 0 else { return 0 }
    let bits = UInt32(value < 0 ? value + 1 << size - 1 : value)
    return ((code >> 8) << UInt32(size) | bits) << 5 | (code & 0xFF) + UInt32(size)
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
