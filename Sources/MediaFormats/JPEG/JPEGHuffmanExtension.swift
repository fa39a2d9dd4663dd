extension JPEGHuffmanTable {
  /// This table with codes for `missing`, which it has none for, and the symbols whose code is another now. All other codes stay,
  /// so that what is coded with them can be copied. Nil when there is no room.
  ///
  /// Codes are in order of their length (T.81 C.2), and those of all ones are not used. Where room is left behind the last
  /// code, longer ones take it. Where there is none, the last of the codes below 16 bits, which stand for the rarest symbols, give up
  /// their place: to themselves and to the missing ones, with 16 bits each.
  func extended(by missing: Set<UInt8>) -> (table: JPEGHuffmanTable, moved: Set<UInt8>)? {
    var codes: [(symbol: UInt8, length: Int)] = []
    for (length, count) in zip(1..., counts) {
      for _ in 0..<Int(count) { codes.append((symbols[codes.count], length)) }
    }
    let unused = (1 << 16) - codes.reduce(0) { $0 + 1 << (16 - $1.length) }
    var missing = missing.sorted()
    let longest = codes.last?.length ?? 1
    if let length = (longest...16).first(where: { unused >> (16 - $0) > missing.count }) {
      return JPEGHuffmanTable(id: id, codes + missing.map { ($0, length) }).map { ($0, []) }
    }
    let tail = codes.filter { $0.length == 16 }
    codes.removeLast(tail.count)
    // What is left behind the last code is less than a place for each; the last place of all is that of nothing but ones.
    let last = missing.suffix(max(0, unused - 1))
    missing.removeLast(last.count)
    var (moved, places) = ([UInt8](), 0)
    while places < moved.count + missing.count {
      guard let code = codes.popLast() else { return nil }
      moved.append(code.symbol)
      places += 1 << (16 - code.length)
    }
    // No place may be left between two codes.
    let taken = Set(symbols).union(missing).union(last)
    let idle = (UInt8(0)..<(id >> 4 == 0 ? 16 : 255)).filter { !taken.contains($0) }.prefix(
      places - moved.count - missing.count)
    guard moved.count + missing.count + idle.count == places else { return nil }
    let new = (moved + missing + idle).map { (symbol: $0, length: 16) }
    return JPEGHuffmanTable(id: id, codes + new + tail + last.map { ($0, 16) }).map { ($0, Set(moved)) }
  }

  /// A table of codes in their order.
  private convenience init?(id: UInt8, _ codes: [(symbol: UInt8, length: Int)]) {
    var counts = [UInt8](repeating: 0, count: 16)
    guard codes.count <= 256 else { return nil }
    for code in codes {
      guard counts[code.length - 1] < 255 else { return nil }
      counts[code.length - 1] += 1
    }
    self.init(id: id, counts: counts[...], symbols: codes.map(\.symbol)[...])
  }
}
