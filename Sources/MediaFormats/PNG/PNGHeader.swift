internal import MediaCore

/// What the IHDR chunk says (PNG 11.2.1).
struct PNGHeader: Sendable, Hashable {
  enum ColorType: UInt8, Sendable {
    case gray = 0
    case rgb = 2
    case palette = 3
    case grayAlpha = 4
    case rgba = 6

    /// The bit depths that PNG 11.2.1 table 12 allows.
    var depths: [Int] {
      switch self {
      case .gray: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      default: [8, 16]
      }
    }
    var channels: Int {
      switch self {
      case .gray, .palette: 1
      case .grayAlpha: 2
      case .rgb: 3
      case .rgba: 4
      }
    }
    var name: String {
      switch self {
      case .gray: "greyscale"
      case .palette: "palette"
      case .grayAlpha: "greyscale with alpha"
      case .rgb: "RGB"
      case .rgba: "RGBA"
      }
    }
  }

  var width: Int
  var height: Int
  var depth: Int
  var colorType: ColorType
  var isInterlaced: Bool

  init(_ data: [UInt8]) throws(MediaError) {
    guard data.count == 13 else {
      throw .png("IHDR holds \(data.count) bytes; 13 are expected (PNG 11.2.1)")
    }
    width = Int(data.bigEndian32)
    height = Int(data[4...].bigEndian32)
    guard (1...0x7FFF_FFFF).contains(width), (1...0x7FFF_FFFF).contains(height) else {
      throw .png("IHDR gives the size \(width)×\(height); each side must be 1 … 2^31-1 (PNG 11.2.1)")
    }
    depth = Int(data[8])
    guard let type = ColorType(rawValue: data[9]), type.depths.contains(depth) else {
      throw .png(
        "IHDR gives colour type \(data[9]) with bit depth \(depth), which PNG 11.2.1 table 12 does not allow")
    }
    colorType = type
    guard data[10] == 0, data[11] == 0 else {
      throw MediaError(
        .unsupported, .decode,
        "IHDR gives compression method \(data[10]) and filter method \(data[11]); only 0 and 0 are defined"
          + " (PNG 11.2.1)")
    }
    guard data[12] <= 1 else {
      throw .png("IHDR gives interlace method \(data[12]); 0 or 1 are defined (PNG 8)")
    }
    isInterlaced = data[12] == 1
  }

  var bytes: [UInt8] {
    UInt32(truncatingIfNeeded: width).bigEndianBytes + UInt32(truncatingIfNeeded: height).bigEndianBytes
      + [UInt8(truncatingIfNeeded: depth), colorType.rawValue, 0, 0, isInterlaced ? 1 : 0]
  }

  var size: PixelSize { PixelSize(width: width, height: height) }
  var bitsPerPixel: Int { colorType.channels * depth }
  /// Bytes between a byte and its left neighbour for the filters (PNG 9.2).
  var filterUnit: Int { max(1, bitsPerPixel / 8) }
  /// Largest stored sample.
  var maxSample: UInt16 { UInt16(truncatingIfNeeded: (1 << depth) - 1) }
  var coding: String { "\(colorType.name) \(depth)-bit" + (isInterlaced ? " interlaced" : "") }

  /// The reduced pictures in stream order: one, or up to seven for Adam7 (PNG 8.2); those without pixels are not
  /// in the stream and not listed.
  var passes: [PNGPass] {
    guard isInterlaced else { return PNGPass.layOut([(0, 0, 1, 1)], of: self) }
    return PNGPass.layOut(
      [
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
      ], of: self)
  }

  /// Bytes of all filtered scanlines; throws `limitExceeded` before anything of that size is allocated.
  func decodedBytes(within limits: Limits) throws(MediaError) -> Int {
    guard size.pixelCount <= limits.pixels else {
      throw MediaError(
        .limitExceeded, .decode,
        "IHDR declares \(size) pixels; at most \(limits.pixels) pixels are decoded")
    }
    // Sixteen bytes a pixel and a filter byte a row bound the sum: no overflow below 2^62.
    guard limits.pixels < 1 << 56 else {
      throw MediaError(.invalidArgument, .decode, "the limit of \(limits.pixels) pixels is not meaningful")
    }
    let total = passes.reduce(0) { $0 + $1.height * $1.stride }
    guard total <= limits.decodedBytes else {
      throw MediaError(
        .limitExceeded, .decode,
        "\(size) \(coding) decodes to \(total) bytes; at most \(limits.decodedBytes) are allowed")
    }
    return total
  }
}

/// One reduced picture of an interlaced stream, or the whole of a plain one.
struct PNGPass: Sendable {
  /// First column and row it holds, and the steps to the next.
  let x: Int
  let y: Int
  let stepX: Int
  let stepY: Int
  let width: Int
  let height: Int
  /// Bytes of a row without its filter byte.
  let rowBytes: Int
  /// Where its first row's filter byte stands in the filtered stream.
  let offset: Int

  var stride: Int { rowBytes + 1 }
  var byteRange: Range<Int> { offset..<offset + height * stride }

  /// The pass columns whose pixels stand in the picture columns `columns`.
  func columns(in columns: Range<Int>) -> Range<Int> {
    Self.indices(of: columns, start: x, step: stepX, count: width)
  }

  /// The pass row that holds picture row `row`, if any.
  func row(holding row: Int) -> Int? {
    guard row >= y, (row - y) % stepY == 0 else { return nil }
    let index = (row - y) / stepY
    return index < height ? index : nil
  }

  /// The pass rows that stand in the picture rows `rows`.
  func rows(in rows: Range<Int>) -> Range<Int> {
    Self.indices(of: rows, start: y, step: stepY, count: height)
  }

  private static func indices(of range: Range<Int>, start: Int, step: Int, count: Int) -> Range<Int> {
    let first = min(count, max(0, (range.lowerBound - start + step - 1) / step))
    let last = min(count, max(0, (range.upperBound - start + step - 1) / step))
    return first..<max(first, last)
  }

  fileprivate static func layOut(_ grid: [(Int, Int, Int, Int)], of header: PNGHeader) -> [PNGPass] {
    var offset = 0
    var passes: [PNGPass] = []
    for (x, y, stepX, stepY) in grid {
      let width = (header.width - x + stepX - 1) / stepX
      let height = (header.height - y + stepY - 1) / stepY
      guard width > 0, height > 0 else { continue }
      let rowBytes = (width * header.bitsPerPixel + 7) / 8
      passes.append(
        PNGPass(
          x: x, y: y, stepX: stepX, stepY: stepY, width: width, height: height, rowBytes: rowBytes,
          offset: offset))
      offset += height * (rowBytes + 1)
    }
    return passes
  }
}
