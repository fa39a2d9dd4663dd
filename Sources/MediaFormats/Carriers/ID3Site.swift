internal import MediaCore

extension MetadataCarrier {
  /// A frame of an ID3v2 tag.
  static let id3 = MetadataCarrier(rawValue: "id3v2")
}

/// What the frames of a tag say.
struct ID3Site {
  let tag: ID3Tag
  /// Whether this is the tag that readers look at first, in the place of the format.
  let isRegularPlace: Bool
  /// What stands in front of the tag's name in paths: `id3 chunk `.
  var prefix = ""

  /// Adds one item for each frame that holds text, and what is only reported for being there.
  func add(to list: inout MetadataList) throws(MediaError) {
    for frame in tag.frames { try add(frame, to: &list) }
    guard let defect = tag.defect else { return }
    try list.addText(
      .id3, namespace: "", name: "", value: nil, offset: tag.header.offset,
      path: "\(prefix)\(tag.header.name) (\(defect))", isRegularPlace: isRegularPlace)
  }

  private func add(_ frame: ID3Frame, to list: inout MetadataList) throws(MediaError) {
    guard let kind = Kind(frame.id) else { return }
    let path = "\(prefix)\(tag.header.name) \(frame.id)"
    let offset = frame.range.lowerBound
    if case .object = kind {
      if try isContentCredentials(frame) { try list.addContentCredentials(offset: offset, path: path) }
      return
    }
    // Coding, language and description come on top of the text, which may take two bytes a letter.
    let limit = list.room > .max / 4 ? .max : 2 * list.room + 4096
    guard let bytes = try frame.bytes(of: tag.body, limit: limit) else {
      if case .privateData = kind { return }
      try list.addText(
        .id3, namespace: frame.id, name: frame.id, value: nil, offset: offset, path: "\(path) (not read)",
        isRegularPlace: isRegularPlace)
      return
    }
    if case .privateData = kind {
      guard bytes.starts(with: Self.packetOwner) else { return }
      try list.addPacket(
        Array(bytes.dropFirst(Self.packetOwner.count)), offset: offset, path: "\(path) XMP",
        isRegularPlace: false)
      return
    }
    let (name, value) = Self.text(bytes, kind)
    try list.addText(
      .id3, namespace: frame.id, name: name.isEmpty ? frame.id : name, value: value, offset: offset,
      path: name.isEmpty ? path : "\(path) \(name)", isRegularPlace: isRegularPlace)
  }

  /// Whether `frame` is a TXXX whose description is `name`; letters count the same in both cases.
  func isUserText(_ frame: ID3Frame, named name: String, limit: Int) throws(MediaError) -> Bool {
    guard frame.id == userTextID, let bytes = try frame.bytes(of: tag.body, limit: limit) else {
      return false
    }
    return Self.text(bytes, .userText).name.lowercased() == name.lowercased()
  }

  /// The frame of user-defined text in the tag's version.
  var userTextID: String { tag.header.version == 2 ? "TXX" : "TXXX" }

  /// The owner of a PRIV frame that holds an XMP packet (XMP specification part 3, 1.1.4).
  static let packetOwner = Array("XMP\0".utf8)

  private func isContentCredentials(_ frame: ID3Frame) throws(MediaError) -> Bool {
    let start = frame.content.lowerBound + frame.prefixLength
    guard !frame.isHidden, frame.content.upperBound - start > 1 else { return false }
    let head = try tag.body.bytes(start + 1..<min(frame.content.upperBound, start + 64))
    return TextCoding.latin1(head.prefix { $0 != 0 }).contains("c2pa")
  }

  enum Kind {
    case userText, text, url, userURL, comment, privateData, object

    init?(_ id: String) {
      switch id {
      case "TXXX", "TXX": self = .userText
      case "WXXX", "WXX": self = .userURL
      case "COMM", "COM", "USLT", "ULT": self = .comment
      case "PRIV": self = .privateData
      case "GEOB", "GEO": self = .object
      default:
        switch id.utf8.first {
        case UInt8(ascii: "T"): self = .text
        case UInt8(ascii: "W"): self = .url
        default: return nil
        }
      }
    }
  }

  private static func text(_ bytes: [UInt8], _ kind: Kind) -> (name: String, value: String) {
    let coding = bytes.first ?? 0
    func parts(_ skipped: Int, _ splits: Int) -> [String] {
      ID3Text(bytes.dropFirst(skipped), coding: coding, splits: splits).parts
    }
    switch kind {
    case .userText, .comment:
      let parts = parts(kind == .comment ? 4 : 1, 1)
      return parts.count > 1 ? (parts[0], parts[1]) : ("", parts[0])
    case .userURL:
      let name = ID3Text(bytes.dropFirst(), coding: coding, splits: 1).parts
      return name.count > 1 ? (name[0], name[1]) : ("", name[0])
    case .text: return ("", parts(1, 0)[0])
    case .url, .privateData, .object:
      return ("", TextCoding.text(TextCoding.trimmed(bytes[...])))
    }
  }
}
