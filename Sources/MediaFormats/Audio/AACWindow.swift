/// The right half of a frame's window (ISO/IEC 14496-3, 4.6.11): where it is the same in two codings of one sound, the
/// frames of one can follow those of the other.
struct AACWindow: Hashable {
  /// Whether it falls within one of eight short windows (EIGHT_SHORT and LONG_START sequences).
  let isShort: Bool
  /// Sine or Kaiser-Bessel.
  let shape: UInt32

  /// Nil where the channels of a packet have windows of their own, as those of more than two channels may.
  init?(_ packet: [UInt8], channels: Int) {
    guard (1...2).contains(channels) else { return nil }
    var bits = BitReader(Array(packet.prefix(1024)))
    while let element = bits.bits(3) {
      switch element {
      // A single channel: tag and global_gain.
      case 0:
        guard channels == 1, bits.bits(12) != nil else { return nil }
        self.init(info: &bits)
        return
      // A pair: tag and common_window.
      case 1:
        guard bits.bits(4) != nil, bits.bits(1) == 1 else { return nil }
        self.init(info: &bits)
        return
      // Data and fill in front of it.
      case 4:
        guard let head = bits.bits(13) else { return nil }
        var count = head & 0xFF
        if count == 255 { count += bits.bits(8) ?? 0 }
        if head & 0x100 != 0 { bits.align() }
        guard bits.skip(bytes: count) else { return nil }
      case 6:
        guard var count = bits.bits(4) else { return nil }
        if count == 15 { count += (bits.bits(8) ?? 1) &- 1 }
        guard bits.skip(bytes: count) else { return nil }
      default: return nil
      }
    }
    return nil
  }

  /// From ics_info.
  private init?(info bits: inout BitReader) {
    guard bits.bits(1) == 0, let sequence = bits.bits(2), let shape = bits.bits(1) else { return nil }
    isShort = sequence == 1 || sequence == 2
    self.shape = shape
  }
}
