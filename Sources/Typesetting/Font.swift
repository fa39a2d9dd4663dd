internal import CTypesetting
public import MediaCore

/// A font's bytes, loaded once and shared by every worker's typesetter.
public struct Font: Sendable {
  /// What messages call it: the embedded font's name, or the path it came from.
  public let name: String
  let bytes: FontBytes

  /// Most bytes of a font file; the largest pan-CJK collections are under 150 MB.
  private static let largestFile = 256 << 20

  /// The embedded subset: the standard's phrases in Chinese, Basic Latin and the Latin-1 letters.
  public static let embedded: Font = {
    var count = 0
    let start = ts_embedded_font(&count)
    return Font(name: "the embedded font", bytes: FontBytes(static: .init(start: start, count: count)))
  }()

  /// Loads a TrueType or OpenType font, or the first face of a collection. Throws `io`, `limitExceeded`, or
  /// `invalidArgument` for what is not a font with outlines.
  public init(path: String) throws(MediaError) {
    let file: InputFile
    do throws(MediaError) { file = try InputFile(path: path) } catch {
      throw MediaError(
        error.code, .label, "font '\(path)': \(error.message)", nativeStatus: error.nativeStatus)
    }
    guard file.size <= Self.largestFile else {
      throw MediaError(
        .limitExceeded, .label, "font '\(path)' has \(file.size) bytes, more than \(Self.largestFile)")
    }
    try self.init(name: path, contents: file.read(file.size))
  }

  /// A font from memory. Throws `invalidArgument` for what is not a font with outlines.
  public init(name: String, contents: [UInt8]) throws(MediaError) {
    self.init(name: name, bytes: FontBytes(copying: contents))
    // Opened once here, so that a bad font is an error of the command and not of each file.
    _ = try FontTypesetter(self)
  }

  private init(name: String, bytes: FontBytes) {
    self.name = name
    self.bytes = bytes
  }

  /// A typesetter of this font for one worker.
  public func makeTypesetter() throws(MediaError) -> FontTypesetter { try FontTypesetter(self) }
}

/// Bytes at an address that stays: FreeType reads the font in place as long as a face is open.
final class FontBytes: Sendable {
  // Unsafe is right here because the bytes are written before the reference is shared and never after.
  nonisolated(unsafe) let buffer: UnsafeRawBufferPointer
  private let isOwned: Bool

  init(static buffer: UnsafeRawBufferPointer) {
    self.buffer = buffer
    isOwned = false
  }

  init(copying contents: [UInt8]) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(contents.count, 1), alignment: 16)
    copy.copyBytes(from: contents)
    buffer = UnsafeRawBufferPointer(rebasing: copy[..<contents.count])
    isOwned = true
  }

  deinit { if isOwned { buffer.deallocate() } }
}
