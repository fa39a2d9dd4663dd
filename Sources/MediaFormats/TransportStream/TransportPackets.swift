internal import MediaCore

/// How packets of a transport stream (ISO/IEC 13818-1, 2.4.3) follow one another.
struct TransportFraming {
  /// Bytes of a packet.
  static let packetBytes = 188
  private static let sync: UInt8 = 0x47

  /// Bytes from packet to packet: 188, 192 with a time stamp in front (M2TS), 204 with check bytes behind.
  let stride: Int
  /// Where the first sync byte stands.
  let start: Int

  /// The framing of a file that begins with `head`, and in how many packets it holds; nil when it is none.
  static func find(in head: [UInt8]) -> (framing: TransportFraming, packets: Int)? {
    for (stride, start) in [(188, 0), (192, 4), (204, 0)] {
      let whole = max(0, head.count - start + stride - 1) / stride
      let count = (0..<whole).prefix { head[start + $0 * stride] == sync }.count
      // The last packet may be cut, but one that breaks the row is no packet.
      if count >= 3, count == whole || count >= 16 {
        return (TransportFraming(stride: stride, start: start), count)
      }
    }
    return nil
  }
}

/// The head of a packet, and where its payload stands.
struct TransportPacket {
  let pid: Int
  /// Whether a table or a packet of a stream begins in it.
  let isStart: Bool
  let payload: Range<Int>
  /// The programme clock in units of 1/90000 s; nil for most packets.
  let clock: UInt64?

  /// The packet whose sync byte stands at `offset` of `bytes`; nil when there is none, or an injured one.
  init?(_ bytes: [UInt8], at offset: Int) {
    guard offset >= 0, offset + TransportFraming.packetBytes <= bytes.count, bytes[offset] == 0x47,
      bytes[offset + 1] & 0x80 == 0
    else { return nil }
    pid = Int(bytes[offset + 1] & 0x1F) << 8 | Int(bytes[offset + 2])
    isStart = bytes[offset + 1] & 0x40 != 0
    let control = bytes[offset + 3] >> 4 & 3
    let end = offset + TransportFraming.packetBytes
    var start = offset + 4
    var clock: UInt64?
    if control & 2 != 0 {
      let length = Int(bytes[start])
      if length >= 7, bytes[start + 1] & 0x10 != 0 {
        clock =
          bytes[start + 2..<start + 6].reduce(0) { $0 << 8 | UInt64($1) } << 1 | UInt64(bytes[start + 6] >> 7)
      }
      start += 1 + length
    }
    self.clock = clock
    payload = control & 1 != 0 && start < end ? start..<end : end..<end
  }
}
