internal import MediaCore

/// The tables in front of a scan (T.81 B.2.4); where one is defined twice, the later counts.
struct JPEGTables {
  private(set) var dc: [Int: JPEGHuffmanTable] = [:]
  private(set) var ac: [Int: JPEGHuffmanTable] = [:]
  /// Quantisation steps in natural order, 64, by their table's number.
  private(set) var steps: [Int: [UInt16]] = [:]
  /// The number of each component's table.
  private(set) var stepsOfComponent: [Int] = []
  private(set) var restartInterval = 0

  /// Nil when one of them is not as it should be.
  init?(_ segments: [JPEGSegment], _ bytes: UnsafeRawBufferPointer) {
    for segment in segments {
      guard segment.end <= bytes.count else { return nil }
      let payload = bytes[segment.payload]
      switch segment.marker.rawValue {
      case 0xC4: guard addHuffmanTables(Array(payload)) else { return nil }
      case 0xDB: guard addSteps(Array(payload)) else { return nil }
      case 0xDD:
        guard payload.count == 2 else { return nil }
        restartInterval = Int(payload[payload.startIndex]) << 8 | Int(payload[payload.startIndex + 1])
      case 0xC0, 0xC1:
        let frame = Array(payload)
        guard frame.count >= 6, frame.count == 6 + 3 * Int(frame[5]) else { return nil }
        stepsOfComponent = (0..<Int(frame[5])).map { Int(frame[8 + 3 * $0]) }
      default: break
      }
    }
  }

  private mutating func addHuffmanTables(_ payload: [UInt8]) -> Bool {
    var offset = 0
    while offset + 17 <= payload.count {
      let counts = payload[offset + 1..<offset + 17]
      let end = offset + 17 + counts.reduce(0) { $0 + Int($1) }
      guard end <= payload.count,
        let table = JPEGHuffmanTable.known(payload[offset..<end])
      else { return false }
      if table.id >> 4 == 0 { dc[Int(table.id)] = table } else { ac[Int(table.id & 15)] = table }
      offset = end
    }
    return offset == payload.count
  }

  private mutating func addSteps(_ payload: [UInt8]) -> Bool {
    var offset = 0
    while offset < payload.count {
      let isWide = payload[offset] >> 4 == 1
      let (number, end) = (Int(payload[offset] & 15), offset + (isWide ? 129 : 65))
      guard payload[offset] >> 4 <= 1, number < 4, end <= payload.count else { return false }
      var table = [UInt16](repeating: 0, count: 64)
      for k in 0..<64 {
        let at = offset + 1 + (isWide ? 2 * k : k)
        table[Int(JPEGZigzag.order[k])] =
          isWide ? UInt16(payload[at]) << 8 | UInt16(payload[at + 1]) : UInt16(payload[at])
      }
      steps[number] = table
      offset = end
    }
    return true
  }

  /// A DHT segment with `tables` in place of those of the same class and number; `payload` is what the file has.
  static func segment(_ payload: UnsafeRawBufferPointer, with tables: [JPEGHuffmanTable]) throws(MediaError)
    -> [UInt8]
  {
    var result: [UInt8] = []
    var rest = Array(payload)[...]
    while rest.count > 16 {
      let id = rest[rest.startIndex]
      let end = rest.startIndex + 17 + rest.dropFirst().prefix(16).reduce(0) { $0 + Int($1) }
      guard end <= rest.endIndex else { break }
      if let table = tables.first(where: { $0.id == id }) {
        result += [id] + table.counts + table.symbols
      } else {
        result += rest[..<end]
      }
      rest = rest[end...]
    }
    return try JPEGSegment.serialized(.dht, result + rest)
  }
}
