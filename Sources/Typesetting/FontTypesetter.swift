internal import CTypesetting
public import MediaCore

/// Shapes and renders lines in one font. Keeps the latest masks, for a batch mostly asks for the same line at
/// the same height again.
public final class FontTypesetter: Typesetter {
  /// Most characters (Unicode scalars) of a line.
  public static let longestText = 256
  /// Most pixels of a mask.
  public static let largestMask = 64 << 20

  private let font: Font
  private let handle: OpaquePointer
  private var cache = MaskCache()

  /// A typesetter of `font`. Throws `invalidArgument` when it is not a font with outlines.
  public init(_ font: Font) throws(MediaError) {
    var status = ts_status()
    let bytes = font.bytes.buffer
    guard
      let handle = ts_font_open(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, &status)
    else {
      throw Self.error(status, text: "", font: font)
    }
    self.font = font
    self.handle = handle
  }

  deinit { ts_font_close(handle) }

  /// Family and style as the font names them.
  public var fontName: String {
    let style = String(cString: ts_font_style(handle))
    return String(cString: ts_font_family(handle)) + (style.isEmpty ? "" : " " + style)
  }

  /// As the protocol says; the text is one line of at most `longestText` characters, the mask at most
  /// `largestMask` pixels (`limitExceeded`).
  public func mask(for text: String, inkHeight: Int) throws(MediaError) -> TextMask {
    let key = MaskCache.Key(text: text, inkHeight: inkHeight)
    if let mask = cache[key] { return mask }
    try Self.check(text, inkHeight: inkHeight)
    let mask = try smallestMask(for: text, inkHeight: inkHeight)
    cache[key] = mask
    return mask
  }

  private static func check(_ text: String, inkHeight: Int) throws(MediaError) {
    guard inkHeight > 0 else { throw MediaError(.invalidArgument, .label, "text height \(inkHeight) px") }
    guard !text.isEmpty else { throw MediaError(.invalidArgument, .label, "the label's text is empty") }
    let scalars = text.unicodeScalars
    guard scalars.count <= longestText else {
      throw MediaError(
        .invalidArgument, .label, "text of \(scalars.count) characters; a label has at most \(longestText)")
    }
    for scalar in scalars {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator:
        throw MediaError(
          .invalidArgument, .label,
          "text holds the control character \(scalar.codePointName); a label is one plain line")
      default: continue
      }
    }
  }

  /// Unhinted outlines scale linearly, so one measurement gives the size whose outlines are `inkHeight` high; a
  /// pointed top or bottom may cover its row by less than half, then the size grows by quarter rows.
  private func smallestMask(for text: String, inkHeight: Int) throws(MediaError) -> TextMask {
    let probe: Int32 = 1024 * 64
    var top: Int32 = 0
    var bottom: Int32 = 0
    var status = ts_status()
    let code = ts_line_extent(handle, text, text.utf8.count, probe, &top, &bottom, &status)
    guard Int(code) == TS_OK else {
      throw Self.error(status, text: text, font: font)
    }
    let exact = Double(inkHeight) * 64 * Double(probe) / Double(top - bottom)
    for quarters in 0..<16 {
      let size = exact * (1 + 0.25 * Double(quarters) / Double(inkHeight))
      guard size < Double(Int32.max) else { break }
      let mask = try render(text, size: Int32(size.rounded(.up)))
      if let mask, mask.inkHeight >= inkHeight { return mask }
    }
    throw MediaError(
      .invalidArgument, .label, "'\(text)' has no ink that reaches \(inkHeight) rows in \(font.name)")
  }

  private func render(_ text: String, size: Int32) throws(MediaError) -> TextMask? {
    var bitmap = ts_bitmap()
    var status = ts_status()
    let code = ts_line_render(handle, text, text.utf8.count, size, Self.largestMask, &bitmap, &status)
    guard Int(code) == TS_OK else { throw Self.error(status, text: text, font: font) }
    defer { ts_bitmap_free(&bitmap) }
    let count = Int(bitmap.width) * Int(bitmap.height)
    return InkBox.cut(
      UnsafeBufferPointer(start: bitmap.coverage, count: count), width: Int(bitmap.width),
      height: Int(bitmap.height))
  }

  private static func error(_ status: ts_status, text: String, font: Font) -> MediaError {
    switch Int(status.code) {
    case TS_NOT_A_FONT:
      MediaError(
        .invalidArgument, .label, "\(font.name) is not a TrueType or OpenType font with outlines",
        nativeStatus: status.detail)
    case TS_MISSING_GLYPH:
      MediaError(
        .invalidArgument, .label,
        "no glyph for \(missing(at: Int(status.detail), in: text)) in \(font.name); give --font FILE")
    case TS_NO_INK:
      MediaError(.invalidArgument, .label, "the text '\(text)' leaves no ink")
    case TS_TOO_LARGE:
      MediaError(.limitExceeded, .label, "the text '\(text)' would cover more than \(largestMask) pixels")
    case TS_MEMORY:
      MediaError(.limitExceeded, .label, "no memory to set the text '\(text)'")
    default:
      MediaError(
        .invalidArgument, .label, "\(font.name) cannot draw '\(text)' (FreeType error \(status.detail))",
        nativeStatus: status.detail)
    }
  }

  private static func missing(at offset: Int, in text: String) -> String {
    let index = text.utf8.index(text.startIndex, offsetBy: offset, limitedBy: text.endIndex) ?? text.endIndex
    guard index < text.endIndex else { return "a character" }
    let scalar = text.unicodeScalars[index]
    return "'\(scalar)' (\(scalar.codePointName))"
  }
}

extension Unicode.Scalar {
  /// `U+8C46`.
  fileprivate var codePointName: String {
    let digits = String(value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
