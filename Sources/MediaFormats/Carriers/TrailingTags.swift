internal import MediaCore

extension MetadataCarrier {
  /// A field of an ID3v1 tag.
  static let id3v1 = MetadataCarrier(rawValue: "id3v1")
}

/// Tags behind the audio of a stream without a container: ID3v1 last, APE, Lyrics3 and ID3v2.4 in front of it.
struct TrailingTags {
  /// Offset where the audio ends.
  private(set) var start: Int
  private(set) var id3v1: Int?
  private(set) var ape: [APETag] = []
  private(set) var id3: [ID3Tag] = []
  private(set) var lyrics: [Range<Int>] = []

  /// Looks at the end of the file, not in front of `floor`.
  init(_ reader: HeaderReader, notBefore floor: Int, limits: Limits) throws(MediaError) {
    start = reader.size
    if start - floor >= 128, try reader.bytes(3, at: start - 128) == Array("TAG".utf8) {
      start -= 128
      id3v1 = start
    }
    for _ in 0..<8 {
      if let tag = try APETag(endingAt: start, in: reader, limits: limits), tag.range.lowerBound >= floor {
        ape.append(tag)
        start = tag.range.lowerBound
      } else if let header = try ID3Header(endingAt: start, in: reader), header.offset >= floor {
        id3.append(try ID3Tag(header, in: reader, limits: limits))
        start = header.offset
      } else if let range = try Self.lyrics(endingAt: start, reader), range.lowerBound >= floor {
        lyrics.append(range)
        start = range.lowerBound
      } else {
        return
      }
    }
  }

  /// A Lyrics3v2 block: its size in six digits and a mark at the end.
  private static func lyrics(endingAt end: Int, _ reader: HeaderReader) throws(MediaError) -> Range<Int>? {
    guard end >= 26 else { return nil }
    let tail = try reader.bytes(15, at: end - 15)
    guard tail[6...].elementsEqual("LYRICS200".utf8), let size = Int(TextCoding.latin1(tail[..<6])),
      size >= 11, size <= end - 15, try reader.bytes(11, at: end - 15 - size) == Array("LYRICSBEGIN".utf8)
    else { return nil }
    return end - 15 - size..<end
  }

  /// Adds what the tags say.
  func add(to list: inout MetadataList, _ reader: HeaderReader) throws(MediaError) {
    for tag in id3.reversed() {
      try ID3Site(tag: tag, isRegularPlace: false, prefix: "appended ").add(to: &list)
    }
    for tag in ape.reversed() { try tag.add(to: &list, reader) }
    guard let id3v1 else { return }
    let bytes = try reader.bytes(128, at: id3v1)
    for (name, start, count) in [
      ("title", 3, 30), ("artist", 33, 30), ("album", 63, 30), ("comment", 97, 30),
    ] {
      let text = TextCoding.text(bytes[start..<start + count].prefix { $0 != 0 })
      guard text.contains(where: { $0 != " " }) else { continue }
      try list.addText(
        .id3v1, namespace: "ID3v1", name: name, value: text, offset: id3v1 + start, path: "ID3v1 \(name)",
        isRegularPlace: false)
    }
  }

  /// Takes out of the tags those of `removed` that stand in them; the rest is returned with notes for people.
  func remove(
    _ removed: [MetadataItem], from edits: inout ByteEdits, _ reader: HeaderReader, limits: Limits
  ) throws(MediaError) -> (rest: [MetadataItem], notes: [String]) {
    var rest = removed
    var notes: [String] = []
    for tag in ape {
      let own = rest.filter { tag.holds($0.offset) }
      rest.removeAll { tag.holds($0.offset) }
      try tag.remove(own, from: &edits, reader)
    }
    for tag in id3 {
      let range = UInt64(tag.header.offset)..<UInt64(tag.header.end)
      let own = rest.filter { range.contains($0.offset) }
      rest.removeAll { range.contains($0.offset) }
      guard !own.isEmpty else { continue }
      let edit = ID3Edit(ID3Site(tag: tag, isRegularPlace: false), limits: limits)
      notes += try edit.apply(removing: own, setting: [], to: &edits)
    }
    if let id3v1 {
      for item in rest where item.carrier == .id3v1 {
        guard let start = Int(exactly: item.offset), start >= id3v1, start + 30 <= reader.size else {
          continue
        }
        try edits.replace(start..<start + 30, with: [UInt8](repeating: 0, count: 30))
      }
      rest.removeAll { $0.carrier == .id3v1 }
    }
    return (rest, notes)
  }
}
