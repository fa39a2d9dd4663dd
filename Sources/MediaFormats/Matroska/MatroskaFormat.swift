internal import MediaCore

/// Matroska (RFC 9559) and its profile WebM: the DocType of the EBML header tells them apart.
struct MatroskaFormat: MediaFormat {
  let descriptor: FormatDescriptor
  private let docType: String

  /// Matroska.
  static let matroska = MatroskaFormat(
    descriptor: FormatDescriptor(
      id: FormatID(rawValue: "mkv"), kind: .video, extensions: ["mkv", "mka"],
      mimeTypes: ["video/matroska", "audio/matroska", "video/x-matroska", "audio/x-matroska"],
      capabilities: [.readMetadata, .writeMetadata, .decode, .encode], labelSite: site),
    docType: "matroska")

  /// WebM.
  static let webM = MatroskaFormat(
    descriptor: FormatDescriptor(
      id: FormatID(rawValue: "webm"), kind: .video, extensions: ["webm"],
      mimeTypes: ["video/webm", "audio/webm"],
      capabilities: [.readMetadata, .writeMetadata, .decode, .encode], labelSite: site), docType: "webm")

  private static let site = "Segment/Tags/Tag/SimpleTag AIGC (TC260-PG-20257A)"

  func score(_ head: [UInt8]) -> ProbeScore {
    guard head.starts(with: EBMLID.header.bytes) else { return 0 }
    guard let found = Self.docType(of: head) else {
      // The type is missing or lies far behind: more likely the common one.
      return self.docType == "matroska" ? 100 : 50
    }
    return found == docType ? 255 : 0
  }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    try MatroskaFile(input, format: descriptor.id, limits: limits)
  }

  private static func docType(of head: [UInt8]) -> String? {
    guard let header = EBMLElement(head[...], at: 0) else { return nil }
    let end = min(head.count, header.length == nil ? head.count : header.end)
    var offset = header.dataOffset
    while offset < end {
      guard let child = EBMLElement(head[offset..<end], at: offset), child.length != nil, child.end <= end
      else {
        return nil
      }
      if child.id == .docType {
        return String(decoding: head[child.data].prefix { $0 != 0 }, as: UTF8.self).lowercased()
      }
      offset = child.end
    }
    return nil
  }
}
