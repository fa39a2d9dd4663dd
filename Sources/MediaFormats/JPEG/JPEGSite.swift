internal import MediaCore

/// A segment that may hold metadata, taken apart.
struct JPEGSite {
  enum Content {
    /// A standard XMP packet (XMP specification part 3, 1.1.3).
    case packet([UInt8])
    /// Part of an extended packet: its GUID, whole length, where it belongs, and its bytes.
    case extended(guid: [UInt8], length: Int, start: Int, bytes: [UInt8])
    case exif([UInt8])
    case comment([UInt8])
    /// Photoshop's resource with XMP, as its own formats have it, and the payload with all resources.
    case resourcePacket([UInt8], in: [UInt8])
    /// The first segment of a C2PA store (C2PA A.3.1).
    case credentials
    case jfif
    case adobe(transform: UInt8)
    case multiPicture
    case other
  }

  static let packetPrefix = Array("http://ns.adobe.com/xap/1.0/\0".utf8)
  static let extensionPrefix = Array("http://ns.adobe.com/xmp/extension/\0".utf8)
  static let exifPrefix = Array("Exif\0".utf8)

  let segment: JPEGSegment
  let content: Content
  /// Text that something glued into the segment behind `AIGC`, and where in the payload the word begins.
  let glued: (text: String, range: Range<Int>)?
  /// The whole payload, kept where text may have to be cut from it.
  let payload: [UInt8]?

  init(_ segment: JPEGSegment, _ payload: [UInt8]) {
    self.segment = segment
    content = Self.content(segment.marker, payload)
    switch content {
    case .exif, .packet, .extended, .comment, .credentials, .multiPicture, .resourcePacket: glued = nil
    default: glued = segment.marker.isApplication ? JPEGGluedText.find(in: payload) : nil
    }
    self.payload = glued == nil ? nil : payload
  }

  private static func content(_ marker: JPEGMarker, _ payload: [UInt8]) -> Content {
    switch marker {
    case .app0 where payload.starts(with: Array("JFIF\0".utf8)): return .jfif
    case .app1 where payload.starts(with: packetPrefix):
      return .packet(Array(payload.dropFirst(packetPrefix.count)))
    case .app1 where payload.starts(with: extensionPrefix): return part(payload) ?? .other
    case .app1 where payload.starts(with: exifPrefix) && payload.count > 6: return .exif(Array(payload[6...]))
    case .app2 where payload.starts(with: Array("MPF\0".utf8)): return .multiPicture
    case .app11 where isCredentials(payload): return .credentials
    case .app13:
      return PhotoshopResources.packet(in: payload).map { .resourcePacket($0, in: payload) } ?? .other
    case .app14 where payload.starts(with: Array("Adobe".utf8)) && payload.count >= 12:
      return .adobe(transform: payload[11])
    case .com: return .comment(payload)
    default: return .other
    }
  }

  private static func part(_ payload: [UInt8]) -> Content? {
    let start = extensionPrefix.count
    guard payload.count >= start + 40 else { return nil }
    let guid = Array(payload[start..<start + 32])
    let length = Int(payload[(start + 32)..<(start + 36)].bigEndian32)
    let position = Int(payload[(start + 36)..<(start + 40)].bigEndian32)
    return .extended(guid: guid, length: length, start: position, bytes: Array(payload[(start + 40)...]))
  }

  /// A JUMBF superbox of C2PA in the first of its segments (ISO 19566-5, C2PA 11.1).
  private static func isCredentials(_ payload: [UInt8]) -> Bool {
    guard payload.starts(with: Array("JP".utf8)), payload.count > 24 else { return false }
    let isFirst = payload[4..<8].bigEndian32 == 1
    return isFirst && Array(payload[12..<16]) == Array("jumb".utf8)
      && JPEGGluedText.index(of: Array("c2pa".utf8), in: payload, before: min(payload.count, 160)) != nil
  }

  /// What it says by itself, one item a property, tag or text; parts of an extended packet are put together elsewhere.
  func items(limits: Limits, isFirstPacket: Bool) -> [MetadataItem] {
    let path = segment.marker.description
    var items: [MetadataItem] = []
    switch content {
    case .packet(let packet):
      items = Self.packetItems(
        packet, offset: segment.offset, path: "\(path) XMP", isRegular: isFirstPacket, limits: limits)
    case .resourcePacket(let packet, _):
      items = Self.packetItems(
        packet, offset: segment.offset, path: "\(path) Photoshop XMP", isRegular: false, limits: limits)
    case .exif(let tiff):
      items = ExifBlock.items(in: tiff, offset: UInt64(segment.offset), path: "\(path) Exif", limits: limits)
    case .comment(let text):
      items = [item(.comment, "", String(decoding: text, as: UTF8.self).trimmedZeros, .text, path)]
    case .credentials: items = [item(.box, "c2pa", "", .presence, "\(path) JUMBF")]
    default: break
    }
    if let glued { items.append(item(.segment, "AIGC", glued.text, .raw, "\(path) AIGC text")) }
    return items
  }

  private func item(
    _ carrier: MetadataCarrier, _ name: String, _ value: String, _ form: MetadataItem.Form, _ path: String
  ) -> MetadataItem {
    MetadataItem(
      carrier: carrier, namespace: segment.marker.description, name: name, value: value, form: form,
      offset: UInt64(segment.offset), path: path, isRegularPlace: carrier == .comment || carrier == .box)
  }

  static func packetItems(
    _ packet: [UInt8], offset: Int, path: String, isRegular: Bool, limits: Limits
  ) -> [MetadataItem] {
    do throws(MediaError) {
      return try XMPPacket.items(
        in: packet, offset: UInt64(offset), path: path, isRegularPlace: isRegular, limits: limits)
    } catch {
      return [
        MetadataItem(
          carrier: .xmp, namespace: "", name: "", value: error.message, form: .raw, offset: UInt64(offset),
          path: path, isRegularPlace: isRegular)
      ]
    }
  }
}

extension String {
  fileprivate var trimmedZeros: String {
    var text = self[...]
    while text.unicodeScalars.last == "\0" { text.unicodeScalars.removeLast() }
    return String(text)
  }
}
