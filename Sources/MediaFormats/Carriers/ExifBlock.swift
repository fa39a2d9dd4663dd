internal import MediaCore

/// An Exif block (CIPA DC-008): a TIFF structure in JPEG APP1, PNG eXIf and others, without the `Exif\0\0` prefix.
enum ExifBlock {
  /// The textual tags of a block that labels and traces may stand in, one item each; damage is skipped, never
  /// thrown. `offset` and `path` tell the carrier's place in the file. A packet in tag 0x02BC is read as XMP out
  /// of its regular place.
  static func items(in tiff: [UInt8], offset: UInt64, path: String, limits: Limits) -> [MetadataItem] {
    var items: [MetadataItem] = []
    for field in ExifField.all(in: tiff) {
      guard items.count < limits.metadataItems else { break }
      let place = "\(path) \(field.directory) \(field.name)"
      if field.isPacket {
        items += packet(tiff[field.content], offset: offset, path: place, limits: limits)
        continue
      }
      let isRead = field.content.count <= limits.metadataValueBytes
      let value = isRead ? field.text(in: tiff) : ""
      if isRead, value.isEmpty { continue }
      items.append(
        MetadataItem(
          carrier: .exif, namespace: field.directory, name: field.name, value: value,
          form: isRead ? .text : .presence, offset: offset, path: place, isRegularPlace: field.isAtHome))
    }
    return items
  }

  /// The orientation tag of IFD0; nil when absent or outside 1 … 8.
  static func orientation(in tiff: [UInt8]) -> Orientation? {
    guard let reader = TIFFReader(tiff), let first = reader.directories().first else { return nil }
    for entry in first.entries where entry.tag == 0x0112 {
      let value: UInt32? =
        switch entry.type {
        case 3: reader.uint16(at: entry.value.lowerBound).map(UInt32.init)
        case 4: reader.uint32(at: entry.value.lowerBound)
        default: nil
        }
      if let raw = value.flatMap({ UInt8(exactly: $0) }), let orientation = Orientation(rawValue: raw) {
        return orientation
      }
    }
    return nil
  }

  /// `tiff` with the values of `items` blanked in place: same length, every other offset valid. A UserComment
  /// keeps its character code. Of a packet in tag 0x02BC only the properties named go, if what is left fits. A
  /// value that claims the bytes of a directory is left alone.
  static func blanking(_ items: [MetadataItem], in tiff: [UInt8]) -> [UInt8] {
    var result = tiff
    for field in ExifField.all(in: tiff) where !field.overlapsStructure {
      if field.isPacket {
        let doomed = items.filter { $0.carrier == .xmp }
        guard !doomed.isEmpty, let rest = stripped(tiff[field.content], of: doomed) else { continue }
        let padding = Array(repeating: UInt8(ascii: " "), count: field.content.count - rest.count)
        result.replaceSubrange(field.content, with: rest + padding)
        continue
      }
      let named = items.filter {
        $0.carrier == .exif && $0.namespace == field.directory && $0.name == field.name
      }
      guard !named.isEmpty else { continue }
      let value = field.text(in: tiff)
      guard named.contains(where: { $0.value == value }) else { continue }
      for index in field.content { result[index] = 0 }
    }
    return result
  }

  private static func packet(
    _ bytes: ArraySlice<UInt8>, offset: UInt64, path: String, limits: Limits
  ) -> [MetadataItem] {
    do throws(MediaError) {
      return try XMPPacket.items(
        in: Array(bytes), offset: offset, path: path, isRegularPlace: false, limits: limits)
    } catch {
      return [
        MetadataItem(
          carrier: .xmp, namespace: "", name: "", value: error.message, form: .raw, offset: offset,
          path: path,
          isRegularPlace: false)
      ]
    }
  }

  private static func stripped(_ packet: ArraySlice<UInt8>, of items: [MetadataItem]) -> [UInt8]? {
    let changes = MetadataChanges(remove: items)
    guard let rest = try? XMPPacket.applying(changes, to: Array(packet), limits: Limits()),
      rest.count <= packet.count
    else { return nil }
    return rest
  }
}
