/// Photoshop's image resource blocks in APP13 (Adobe Photoshop file format specification, Image Resources).
enum PhotoshopResources {
  private static let prefix = Array("Photoshop 3.0\0".utf8)
  private static let signature = Array("8BIM".utf8)
  private static let packetID: UInt32 = 0x0424

  /// The XMP packet among them; nil for none.
  static func packet(in payload: [UInt8]) -> [UInt8]? { packetRange(in: payload).map { Array(payload[$0]) } }

  /// `payload` with another XMP packet in its resource, every other resource as it is.
  static func replacingPacket(with packet: [UInt8], in payload: [UInt8]) -> [UInt8] {
    guard let range = packetRange(in: payload) else { return payload }
    // Data of odd length is followed by one byte of padding, which some writers leave out at the very end.
    let end = min(range.upperBound + range.count % 2, payload.count)
    return payload[..<(range.lowerBound - 4)] + UInt32(packet.count).bigEndianBytes + packet
      + [UInt8](repeating: 0, count: packet.count % 2) + payload[end...]
  }

  private static func packetRange(in payload: [UInt8]) -> Range<Int>? {
    guard payload.starts(with: prefix) else { return nil }
    var offset = prefix.count
    while offset + 12 <= payload.count, Array(payload[offset..<offset + 4]) == signature {
      let id = UInt32(payload[offset + 4]) << 8 | UInt32(payload[offset + 5])
      // A Pascal string padded to an even length, then the data padded likewise.
      let nameEnd = offset + 6 + (Int(payload[offset + 6]) + 2) / 2 * 2
      guard nameEnd + 4 <= payload.count else { return nil }
      let length = Int(payload[nameEnd..<nameEnd + 4].bigEndian32)
      let start = nameEnd + 4
      guard length <= payload.count - start else { return nil }
      if id == packetID { return start..<start + length }
      offset = start + (length + 1) / 2 * 2
    }
    return nil
  }
}
