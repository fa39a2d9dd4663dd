internal import MediaCore

/// Turns changes of metadata into edits of script tags, and lets the offsets that these hold follow.
struct FLVMetadataEdit {
  /// New bytes for ranges of a tag's data.
  private struct Change {
    let script: FLVScript
    var edits: [(range: Range<Int>, bytes: [UInt8])] = []

    var growth: Int { edits.reduce(0) { $0 + $1.bytes.count - $1.range.count } }

    func data() -> [UInt8] {
      var data: [UInt8] = []
      var pending = 0
      for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
        data += script.reader.bytes[pending..<edit.range.lowerBound] + edit.bytes
        pending = edit.range.upperBound
      }
      return data + script.reader.bytes[pending...]
    }
  }

  /// By how many bytes the file, its tags of pictures and its tags of sound grow.
  private struct Growth {
    let all: Int
    let video: Int
    let sound: Int
  }

  /// Throws `invalidArgument` for a site that is not there. The edits of `media` are among the result.
  static func edits(
    for changes: MetadataChanges, of scripts: [FLVScript], firstTag: Int, fileSize: Int,
    media: FLVMediaEdit? = nil, limits: Limits
  ) throws(MediaError) -> ByteEdits {
    var items = changes.remove
    var properties = changes.set
    var all = scripts.map { Change(script: $0) }
    let host = scripts.firstIndex(where: \.isDescription)
    for index in all.indices {
      try apply(&items, &properties, to: &all[index], isHost: index == host, limits: limits)
    }
    if let item = items.first {
      throw MediaError(
        .invalidArgument, .metadata, "no property at offset \(item.offset) to take '\(item.name)' from")
    }
    let new = host == nil ? tag(properties) : []
    let moved = media?.edits.offsetMap
    let grown = [(end: firstTag, growth: new.count)] + all.map { (end: $0.script.tag.end, growth: $0.growth) }
    let moves = grown.filter { $0.growth != 0 }
    let growth = Growth(
      all: moves.reduce(moved?.growth ?? 0) { $0 + $1.growth }, video: media?.growth.video ?? 0,
      sound: media?.growth.sound ?? 0)
    for index in all.indices where !moves.isEmpty || media != nil {
      try shift(&all[index], fileSize: fileSize, growth: growth) { old in
        let offset = media?.keys[old] ?? old
        return moves.reduce(moved?(offset) ?? offset) { offset >= $1.end ? $0 + $1.growth : $0 }
      }
    }
    var edits = media?.edits ?? ByteEdits()
    if !new.isEmpty { try edits.insert(new, at: min(firstTag, fileSize)) }
    for change in all where !change.edits.isEmpty { try add(change, to: &edits, fileSize: fileSize) }
    return edits
  }

  private static func apply(
    _ items: inout [MetadataItem], _ properties: inout [MetadataProperty], to change: inout Change,
    isHost: Bool,
    limits: Limits
  ) throws(MediaError) {
    let script = change.script
    let names = Set(properties.map { $0.name.lowercased() })
    var added = 0
    for property in script.properties.all {
      let doomed = items.filter { $0.offset == UInt64(script.tag.dataOffset + property.offset) }
      items.removeAll { doomed.contains($0) }
      if property.isPacket, doomed.contains(where: { $0.carrier == .xmp }) {
        let packet = Array((script.reader.text(property.value) ?? "").utf8)
        let rest = try XMPPacket.applying(MetadataChanges(remove: doomed), to: packet, limits: limits)
        let text = String(decoding: rest, as: UTF8.self)
        change.edits.append((property.value.range, AMFWriting.string(text)))
      } else if isHost, names.contains(property.name.lowercased()) {
        let index = properties.firstIndex { $0.name.lowercased() == property.name.lowercased() }
        let new = index.map { properties.remove(at: $0) }.flatMap { $0.value.isEmpty ? nil : $0 }
        change.edits.append((property.range, new.map(Self.property) ?? []))
        if new == nil { added -= 1 }
      } else if !doomed.isEmpty {
        change.edits.append((property.range, []))
        added -= 1
      }
    }
    if isHost {
      let new = properties.filter { !$0.value.isEmpty }
      properties = []
      added += new.count
      let end = script.properties.end
      if !new.isEmpty { change.edits.append((end..<end, new.flatMap(Self.property))) }
    }
    try count(added, in: &change)
  }

  /// Corrects the count of an array. Zero is kept: writers that do not know it in advance leave it at that.
  private static func count(_ added: Int, in change: inout Change) throws(MediaError) {
    guard added != 0, let object = change.script.object, object.kind == .array else { return }
    let offset = object.range.lowerBound + 1
    let old = Int(try change.script.reader.integer(4, at: offset))
    guard old > 0, let new = UInt32(exactly: max(0, old + added)) else { return }
    change.edits.append((offset..<offset + 4, new.bigEndianBytes))
  }

  private static func property(_ property: MetadataProperty) -> [UInt8] {
    AMFWriting.name(property.name) + AMFWriting.string(property.value)
  }

  /// A whole `onMetaData` tag with the repetition of its size; empty for no properties.
  private static func tag(_ properties: [MetadataProperty]) -> [UInt8] {
    let new = properties.filter { !$0.value.isEmpty }.map(Self.property)
    guard !new.isEmpty else { return [] }
    let data = AMFWriting.string(FLVScript.description) + AMFWriting.array(new)
    let size = UInt32(truncatingIfNeeded: data.count)
    return [FLVTag.Kind.script.rawValue] + size.bigEndianBytes.dropFirst() + Array(repeating: 0, count: 7)
      + data
      + (size + UInt32(FLVTag.headerBytes)).bigEndianBytes
  }

  /// Lets the size of the file and the offsets of frames follow what moves.
  private static func shift(
    _ change: inout Change, fileSize: Int, growth: Growth, _ place: (Int) -> Int
  ) throws(MediaError) {
    let reader = change.script.reader
    var edits: [(range: Range<Int>, bytes: [UInt8])] = []
    func move(_ value: AMFValue, to place: (Int) -> Int) {
      guard let number = reader.number(value), let old = Int(exactly: number), old > 0, old < 1 << 52 else {
        return
      }
      let new = place(old)
      guard new != old else { return }
      edits.append((value.range.dropFirst(), Double(new).bitPattern.bigEndianBytes))
    }
    for property in change.script.properties.all {
      switch property.name {
      case "filesize": move(property.value) { $0 == fileSize ? $0 + growth.all : $0 }
      // Bytes of the tags of pictures, of sound, and of both.
      case "videosize": move(property.value) { $0 + growth.video }
      case "audiosize": move(property.value) { $0 + growth.sound }
      case "datasize": move(property.value) { $0 + growth.video + growth.sound }
      case "lastkeyframelocation": move(property.value, to: place)
      case "keyframes" where property.value.hasProperties:
        for part in try reader.properties(of: property.value).all
        where part.name == "filepositions" && part.value.kind == .strictArray {
          try reader.forEachValue(of: part.value) { (value) throws(MediaError) in move(value, to: place) }
        }
      default: break
      }
    }
    // What is replaced or taken away holds no offsets.
    let taken = change.edits.map(\.range)
    change.edits += edits.filter { edit in !taken.contains { $0.overlaps(edit.range) } }
  }

  private static func add(_ change: Change, to edits: inout ByteEdits, fileSize: Int) throws(MediaError) {
    let tag = change.script.tag
    let data = change.data()
    guard data.count < 1 << 24 else {
      throw MediaError(
        .insufficientCapacity, .metadata,
        "script tag would have \(data.count) bytes; a tag holds at most \(1 << 24 - 1)")
    }
    let size = UInt32(data.count)
    try edits.replace(tag.offset + 1..<tag.offset + 4, with: Array(size.bigEndianBytes.dropFirst()))
    try edits.replace(tag.dataOffset..<tag.end, with: data)
    // A recording that was cut off may lack the last of these.
    guard tag.end + 4 <= fileSize else { return }
    try edits.replace(tag.end..<tag.end + 4, with: (size + UInt32(FLVTag.headerBytes)).bigEndianBytes)
  }
}
