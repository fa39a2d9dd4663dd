internal import MediaCore

/// Packets too long for one segment, put together from their parts (XMP specification part 3, 1.1.3.1).
struct JPEGExtendedPackets {
  struct Packet {
    /// The MD5 of the whole packet in hexadecimal digits, by which the standard packet refers to it.
    let guid: [UInt8]
    let length: Int
    /// Where in the file the segments with its parts begin, in file order.
    fileprivate(set) var segments: [Int]
    fileprivate var parts: [(start: Int, bytes: [UInt8])]

    /// The place that its properties are reported at: that of its first segment.
    var offset: Int { segments[0] }

    /// The parts in order, when they fill the packet without gap or overlap.
    var bytes: [UInt8]? {
      var bytes: [UInt8] = []
      for part in parts.sorted(by: { $0.start < $1.start }) {
        guard part.start == bytes.count else { return nil }
        bytes += part.bytes
      }
      return bytes.count == length ? bytes : nil
    }
  }

  private(set) var packets: [Packet] = []

  init(_ sites: [JPEGSite]) {
    for site in sites {
      guard case .extended(let guid, let length, let start, let bytes) = site.content else { continue }
      let part = (start, bytes)
      if let index = packets.firstIndex(where: { $0.guid == guid && $0.length == length }) {
        packets[index].segments.append(site.segment.offset)
        packets[index].parts.append(part)
      } else {
        packets.append(Packet(guid: guid, length: length, segments: [site.segment.offset], parts: [part]))
      }
    }
  }

  func items(limits: Limits) -> [MetadataItem] {
    packets.flatMap { packet -> [MetadataItem] in
      let path = "APP1 extended XMP"
      guard packet.length <= limits.metadataValueBytes, let bytes = packet.bytes else {
        return [
          MetadataItem(
            carrier: .xmp, namespace: "", name: "",
            value: "extended XMP packet of \(packet.length) bytes is incomplete or longer than what is read",
            form: .raw, offset: UInt64(packet.offset), path: path, isRegularPlace: false)
        ]
      }
      return JPEGSite.packetItems(bytes, offset: packet.offset, path: path, isRegular: false, limits: limits)
    }
  }
}

/// An extended packet to write.
struct JPEGExtendedXMP {
  /// Bytes of a packet in one segment: what the identifier, the GUID, the length and the place leave of it.
  private static let partBytes = JPEGSegment.longestPayload - JPEGSite.extensionPrefix.count - 40
  private static let note = "http://ns.adobe.com/xmp/note/"

  /// In capitals, as the specification has it.
  let guid: String
  /// All segments, one behind the other.
  let segments: [UInt8]

  init(_ packet: [UInt8]) throws(MediaError) {
    var sum = MD5()
    sum.add(packet)
    let digits = Array("0123456789ABCDEF".utf8)
    let name = sum.finish().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    guid = String(decoding: name, as: UTF8.self)
    var segments: [UInt8] = []
    for start in stride(from: 0, to: packet.count, by: Self.partBytes) {
      let part = packet[start..<min(start + Self.partBytes, packet.count)]
      let place = UInt32(packet.count).bigEndianBytes + UInt32(start).bigEndianBytes
      segments += try JPEGSegment.serialized(.app1, JPEGSite.extensionPrefix + name + place + part)
    }
    self.segments = segments
  }

  /// The standard packet's reference to an extended packet named `guid`; an empty name takes it away.
  static func reference(to guid: String) -> MetadataProperty {
    MetadataProperty(namespace: note, prefix: "xmpNote", name: "HasExtendedXMP", value: guid)
  }

  /// Whether the standard packet `items` are of refers to `guid`.
  static func isReferred(_ guid: [UInt8], by items: [MetadataItem]) -> Bool {
    items.contains { $0.namespace == note && $0.name == "HasExtendedXMP" && Array($0.value.utf8) == guid }
  }
}
