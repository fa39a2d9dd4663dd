internal import MediaCore

/// What an encoder says of its stream, as the start of a file made for it alone.
enum ISOHeader {
  /// The sample entry of the only track; nil for bytes that are no such file.
  static func entry(in file: [UInt8]) -> SampleEntry? {
    var offset = 0
    while offset <= file.count - 8 {
      let size = Int(file.bigEndian(4, at: offset))
      guard size >= 8, size <= file.count - offset else { return nil }
      if file.bigEndian(4, at: offset + 4) == UInt64(BoxType.moov.rawValue) {
        let movie = Array(file[offset..<offset + size])
        guard let tree = try? BoxTree(movie, base: offset, limits: Limits()),
          let trak = tree.child(.trak, of: 0), let stsd = tree.descendant("mdia/minf/stbl/stsd", of: trak)
        else { return nil }
        return SampleEntry.all(in: tree, of: stsd).first
      }
      offset += size
    }
    return nil
  }

  /// The content of the box `type` in that entry.
  static func record(_ type: String, in file: [UInt8]) -> [UInt8]? {
    entry(in: file)?.configuration(type, from: SampleEntry.visualFields)
  }
}

extension SampleEntry {
  /// Bytes of a visual entry in front of its boxes (ISO/IEC 14496-12, 12.1.3).
  static let visualFields = 86

  /// The boxes of a visual entry with their types, in order; what is no box ends the list.
  var boxes: [(type: String, bytes: [UInt8])] {
    var result: [(String, [UInt8])] = []
    var offset = Self.visualFields
    while offset <= bytes.count - 8 {
      let size = Int(bytes.bigEndian(4, at: offset))
      guard size >= 8, size <= bytes.count - offset else { break }
      let type = BoxType(rawValue: UInt32(truncatingIfNeeded: bytes.bigEndian(4, at: offset + 4)))
      result.append((type.description, Array(bytes[offset..<offset + size])))
      offset += size
    }
    return result
  }

  /// The entry for a stream whose set-up record has changed. Everything that describes the picture (colour, shape of
  /// pixels, light levels) stays. Throws `unsupported` for what describes layers that are gone with the old coding.
  func describing(_ description: RecodedVideo.Description, codec: VideoCodec) throws(MediaError) -> [UInt8] {
    let layers = boxes.map(\.type).filter { ["dvcC", "dvvC", "dvwC", "lhvC"].contains($0) }
    if let layer = layers.first {
      throw MediaError(
        .unsupported, .encode,
        "box '\(layer)' describes a layer (Dolby Vision, multiview) that coding anew would lose")
    }
    var head = Array(bytes.prefix(Self.visualFields))
    let new: [(String, [UInt8])]
    switch description {
    case .record(let record):
      let name = codec.hasPlainRecord ? "glbl" : "avcC"
      new = [(name, BoxType(name).box(record))]
    case .replaced(let header):
      guard let entry = ISOHeader.entry(in: header) else {
        throw MediaError(.internalFault, .encode, "the encoder's stream has no description")
      }
      new = entry.boxes.filter { Self.records.contains($0.type) }
      if codec == .h264 { head.replaceSubrange(4..<8, with: BoxType("avc1").rawValue.bigEndianBytes) }
      if codec == .hevc { head.replaceSubrange(4..<8, with: BoxType("hvc1").rawValue.bigEndianBytes) }
    }
    // The bit rate was that of the old coding.
    let kept = boxes.filter { !Self.records.contains($0.type) && $0.type != "btrt" }
    let content = Array(head.dropFirst(8)) + new.flatMap(\.1) + kept.flatMap(\.bytes)
    return UInt32(truncatingIfNeeded: content.count + 8).bigEndianBytes + head[4..<8] + content
  }

  private static let records: Set<String> = ["avcC", "hvcC", "vpcC", "av1C", "esds", "glbl"]
}
