internal import MediaCore

/// The ISO base media family (ISO/IEC 14496-12): MP4, QuickTime and M4A have one structure and differ in their brand.
struct ISOFormat: MediaFormat {
  let descriptor: FormatDescriptor

  static let mp4 = ISOFormat(
    "mp4", .video, ["mp4", "m4v", "3gp", "3g2", "f4v"], ["video/mp4", "video/x-m4v", "video/3gpp"],
    "6.1.1 of TC260-PG-20257A")
  static let mov = ISOFormat("mov", .video, ["mov", "qt"], ["video/quicktime"], "6.1.1 of TC260-PG-20257A")
  static let m4a = ISOFormat(
    "m4a", .audio, ["m4a", "m4b"], ["audio/mp4", "audio/x-m4a"], "TC260-PG-202510A Annex E")

  private init(
    _ id: String, _ kind: MediaKind, _ extensions: [String], _ types: [String], _ clause: String
  ) {
    descriptor = FormatDescriptor(
      id: FormatID(rawValue: id), kind: kind, extensions: extensions, mimeTypes: types,
      capabilities: [.readMetadata, .writeMetadata, .decode, .encode],
      labelSite: "moov/udta/meta, key AIGC in keys and ilst (\(clause))")
  }

  func score(_ head: [UInt8]) -> ProbeScore {
    guard let brand = ISOBrand(head), brand.id == descriptor.id.rawValue else { return 0 }
    return brand.score
  }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    try ISOFile(input, format: descriptor.id, limits: limits)
  }
}

/// What the first bytes of a file say about which member of the family it is.
struct ISOBrand {
  /// The id of the row it belongs to.
  let id: String
  /// How sure that is.
  let score: ProbeScore

  // Still pictures and their sequences (ISO/IEC 23008-12, AVIF, JPEG XL, Canon raw): no film, though they are boxes.
  private static let pictures: Set<String> = [
    "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "mif2", "msf1", "avif", "avis",
    "avci", "avcs", "miaf", "j2ki", "j2is", "jxl ", "jp2 ", "jpx ", "jpm ", "crx ", "1pic",
  ]
  // What a QuickTime file from before the time of brands begins with.
  private static let oldOpenings: Set<String> = ["moov", "mdat", "wide", "free", "skip", "pnot"]

  /// Nil for what is no film or sound of this family.
  init?(_ head: [UInt8]) {
    guard let (size, type) = Self.box(head, at: 0) else { return nil }
    if type == "ftyp" {
      // The major brand and four bytes of version stand in front of the compatible ones.
      guard size >= 16, head.count >= 12 else { return nil }
      let major = Self.text(head[8..<12])
      guard !Self.pictures.contains(major) else { return nil }
      score = 250
      switch major {
      case "qt  ": id = Self.quickTime
      case "M4A ", "M4B ", "M4P ": id = Self.sound
      default: id = Self.film
      }
    } else if type == "styp" {
      (id, score) = (Self.film, 150)
    } else if Self.oldOpenings.contains(type) {
      id = Self.quickTime
      // One word may be chance; a second box where the first one ends is not.
      let isSure = Self.box(head, at: size).map { Self.oldOpenings.contains($0.type) } ?? false
      score = isSure ? 250 : type == "moov" || type == "mdat" || type == "wide" ? 200 : 80
    } else {
      return nil
    }
  }

  private static let (film, quickTime, sound) = (
    ISOFormat.mp4.descriptor.id.rawValue, ISOFormat.mov.descriptor.id.rawValue,
    ISOFormat.m4a.descriptor.id.rawValue
  )

  private static func box(_ head: [UInt8], at offset: Int) -> (size: Int, type: String)? {
    guard offset >= 0, offset <= head.count - 8 else { return nil }
    let size = Int(head.bigEndian(4, at: offset))
    guard size == 0 || size == 1 || size >= 8 else { return nil }
    return (size, text(head[offset + 4..<offset + 8]))
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
