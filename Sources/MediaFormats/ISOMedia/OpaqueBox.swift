internal import MediaCore

/// A box whose content is one thing that is not made of boxes.
struct OpaqueBox {
  enum Kind {
    /// An XMP packet (XMP part 3, 1.2.7).
    case packet
    /// The JSON of a label in a box called `aigc`, which no guide asks for but some write.
    case label
    /// A C2PA manifest store (C2PA A.5): reported for being there.
    case credentials
  }

  // BE7ACFCB-97A9-42E8-9C71-999491E3AFAC and D8FEC3D6-1B0E-483C-9297-5828877EC481.
  private static let packetID: [UInt8] = [
    0xBE, 0x7A, 0xCF, 0xCB, 0x97, 0xA9, 0x42, 0xE8, 0x9C, 0x71, 0x99, 0x94, 0x91, 0xE3, 0xAF, 0xAC,
  ]
  private static let credentialsID: [UInt8] = [
    0xD8, 0xFE, 0xC3, 0xD6, 0x1B, 0x0E, 0x48, 0x3C, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7E, 0xC4, 0x81,
  ]

  let kind: Kind
  /// Where the value stands, counted like `range`.
  let content: Range<Int>

  /// Nil for any other box. `head` is its first 32 bytes, `range` the whole of it.
  init?(_ head: [UInt8], at offset: Int, header: Int, of range: Range<Int>) {
    guard head.count >= header else { return nil }
    // A 64-bit size says so itself; a tree does not tell.
    let header = head.bigEndian(4, at: 0) == 1 ? 16 : header
    switch BoxType(rawValue: UInt32(truncatingIfNeeded: head.bigEndian(4, at: 4))) {
    case .uuid:
      guard head.count >= header + 16 else { return nil }
      let id = Array(head[header..<header + 16])
      guard id == Self.packetID || id == Self.credentialsID else { return nil }
      kind = id == Self.packetID ? .packet : .credentials
      content = offset + header + 16..<range.upperBound
    case .xmp: (kind, content) = (.packet, offset + header..<range.upperBound)
    case BoxType("aigc"), BoxType("AIGC"):
      guard head.count >= header else { return nil }
      (kind, content) = (.label, offset + header..<range.upperBound)
    default: return nil
    }
  }

  /// A packet that is no box.
  init(packet content: Range<Int>) {
    kind = .packet
    self.content = content
  }

  /// What it says; `bytes` is the content, nil when it is too long to be read. The guides put no label of a film here.
  func items(_ bytes: [UInt8]?, offset: UInt64, path: String, limits: Limits) -> [MetadataItem] {
    switch kind {
    case .credentials:
      return [
        MetadataItem(
          carrier: .box, namespace: "uuid", name: "c2pa", value: "", form: .presence, offset: offset,
          path: path)
      ]
    case .label:
      // Version and flags, if it has them.
      let text = bytes.map { ExifText.plain($0.drop { $0 == 0 }) }
      return [
        MetadataItem(
          carrier: .atom, namespace: "", name: "aigc", value: text ?? "",
          form: text == nil ? .presence : .text,
          offset: offset, path: path, isRegularPlace: false)
      ]
    case .packet:
      guard let bytes else {
        let message = "XMP packet of \(content.count) bytes is longer than what is read"
        return [Self.unread(message, offset, path)]
      }
      do throws(MediaError) {
        return try XMPPacket.items(in: bytes, offset: offset, path: path + " XMP", limits: limits).map(
          \.displaced)
      } catch { return [Self.unread(error.message, offset, path)] }
    }
  }

  private static func unread(_ message: String, _ offset: UInt64, _ path: String) -> MetadataItem {
    MetadataItem(
      carrier: .xmp, namespace: "", name: "", value: message, form: .raw, offset: offset, path: path + " XMP")
  }
}

extension MetadataItem {
  /// The same; for a property that is a label, out of its place.
  var displaced: MetadataItem {
    guard name.lowercased() == "aigc" else { return self }
    return MetadataItem(
      carrier: carrier, namespace: namespace, name: name, value: value, form: form, offset: offset,
      path: path,
      prefix: prefix, isRegularPlace: false)
  }
}
