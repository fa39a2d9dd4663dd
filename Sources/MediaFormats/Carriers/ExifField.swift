/// A textual tag at its place in an Exif block.
struct ExifField {
  private enum Coding {
    case plain
    /// With a character code in front (CIPA DC-008, 4.6.6).
    case comment
    /// UTF-16 in little endian whatever the block's order, as Windows writes it.
    case utf16
    case packet
  }

  // The tags that labels and traces stand in; a maker note is never read.
  private static let tags: [UInt16: (name: String, coding: Coding)] = [
    0x010E: ("ImageDescription", .plain), 0x010F: ("Make", .plain), 0x0110: ("Model", .plain),
    0x0131: ("Software", .plain), 0x013B: ("Artist", .plain), 0x013C: ("HostComputer", .plain),
    0x02BC: ("XMP", .packet), 0x8298: ("Copyright", .plain), 0x9286: ("UserComment", .comment),
    0x9C9B: ("XPTitle", .utf16), 0x9C9C: ("XPComment", .utf16), 0x9C9D: ("XPAuthor", .utf16),
    0x9C9E: ("XPKeywords", .utf16), 0x9C9F: ("XPSubject", .utf16), 0xA420: ("ImageUniqueID", .plain),
  ]

  /// `IFD0`, `ExifIFD` or `IFD1`.
  let directory: String
  /// The tag's name in the standard.
  let name: String
  /// The bytes of the text, without a character code.
  let content: Range<Int>
  /// Whether the directory is the one that the standard gives the tag.
  let isAtHome: Bool
  /// Whether the value claims bytes of the header or of a directory.
  let overlapsStructure: Bool
  private let value: Range<Int>
  private let coding: Coding
  private let isBigEndian: Bool

  /// Whether it holds an XMP packet.
  var isPacket: Bool { coding == .packet }

  /// All of a block, in file order of the directories.
  static func all(in tiff: [UInt8]) -> [ExifField] {
    guard let reader = TIFFReader(tiff) else { return [] }
    let directories = reader.directories()
    let structure = [0..<8] + directories.map(\.table)
    var fields: [ExifField] = []
    // Values of an honest block do not overlap, so together they are no longer than the block; without this
    // bound thousands of entries could each claim the same megabyte.
    var budget = tiff.count
    for directory in directories {
      for entry in directory.entries {
        guard let (name, coding) = tags[entry.tag], [1, 2, 7, 129].contains(entry.type) else { continue }
        if coding == .packet, directory.name != "IFD0" { continue }
        budget -= entry.value.count
        guard budget >= 0 else { return fields }
        let code = coding == .comment ? ExifText.codeLength(of: tiff[entry.value]) : 0
        let isExifTag = entry.tag == 0x9286 || entry.tag == 0xA420
        fields.append(
          ExifField(
            directory: directory.name, name: name, content: entry.value.dropFirst(code),
            isAtHome: isExifTag == (directory.name == "ExifIFD"),
            overlapsStructure: entry.value.count > 4 && structure.contains { $0.overlaps(entry.value) },
            value: entry.value, coding: coding, isBigEndian: reader.isBigEndian))
      }
    }
    return fields
  }

  /// The decoded text; `tiff` is the block the field was found in.
  func text(in tiff: [UInt8]) -> String {
    switch coding {
    case .plain, .packet: ExifText.plain(tiff[value])
    case .comment: ExifText.comment(tiff[value], isBigEndian: isBigEndian)
    case .utf16: ExifText.utf16(tiff[value], isBigEndian: false)
    }
  }
}
