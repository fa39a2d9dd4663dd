/// A box type (ISO/IEC 14496-12, 4.2; an atom's type in QuickTime): four bytes, mostly letters of Mac Roman. Item
/// lists use it as a number as well: the place of a key.
struct BoxType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The four bytes, the first in the highest.
  let rawValue: UInt32

  init(rawValue: UInt32) { self.rawValue = rawValue }
  /// A type of four ASCII letters.
  init(_ name: String) { rawValue = name.utf8.reduce(0) { $0 << 8 | UInt32($1) } }

  static let ftyp = BoxType("ftyp")
  static let styp = BoxType("styp")
  static let moov = BoxType("moov")
  static let moof = BoxType("moof")
  static let mdat = BoxType("mdat")
  static let free = BoxType("free")
  static let wide = BoxType("wide")
  static let uuid = BoxType("uuid")
  static let trak = BoxType("trak")
  static let udta = BoxType("udta")
  static let meta = BoxType("meta")
  static let hdlr = BoxType("hdlr")
  static let keys = BoxType("keys")
  static let ilst = BoxType("ilst")
  static let data = BoxType("data")
  static let mean = BoxType("mean")
  static let name = BoxType("name")
  static let freeform = BoxType("----")
  static let cmov = BoxType("cmov")
  static let stbl = BoxType("stbl")
  static let stsd = BoxType("stsd")
  static let stco = BoxType("stco")
  static let co64 = BoxType("co64")
  static let saio = BoxType("saio")
  static let dref = BoxType("dref")
  static let iloc = BoxType("iloc")
  static let sidx = BoxType("sidx")
  static let mfra = BoxType("mfra")
  /// XMP in QuickTime user data (XMP part 3, 1.2.7.1).
  static let xmp = BoxType("XMP_")
  /// `mdta` as a handler (QuickTime metadata) and as the namespace of a key.
  static let mdta = BoxType("mdta")
  /// The handler of iTunes item lists.
  static let mdir = BoxType("mdir")

  /// Its bytes as Latin-1, in which `©nam` reads as writers mean it.
  var description: String {
    String(
      String.UnicodeScalarView(
        rawValue.bigEndianBytes.map { Unicode.Scalar($0) }))
  }
}
