internal import MediaCore

/// Stored samples to the planes of a region and back: grey or RGB, then alpha if the picture has any.
struct PNGPixelCodec {
  let colorType: PNGHeader.ColorType
  let maxValue: UInt16
  let hasAlpha: Bool
  private let entries: [UInt32]
  private let key: [UInt16]

  init(_ header: PNGHeader, palette: PNGPalette?, key: [UInt16]?) {
    colorType = header.colorType
    maxValue = header.colorType == .palette ? 255 : header.maxSample
    hasAlpha =
      header.colorType == .grayAlpha || header.colorType == .rgba || key != nil || palette?.hasAlpha == true
    entries = palette?.entries ?? []
    self.key = key ?? []
  }

  /// Colour planes and the alpha plane.
  var planeCount: Int { colorPlanes + (hasAlpha ? 1 : 0) }
  private var colorPlanes: Int { colorType == .gray || colorType == .grayAlpha ? 1 : 3 }

  /// One plane of `count` stored pixels.
  func expand(
    _ line: UnsafePointer<UInt16>, plane: Int, count: Int, into target: UnsafeMutablePointer<UInt16>
  ) {
    if colorType == .palette { return look(up: line, plane: plane, count: count, into: target) }
    if !key.isEmpty, plane == colorPlanes { return matchKey(line, count: count, into: target) }
    let channels = colorType.channels
    for i in 0..<count { target[i] = line[i &* channels &+ plane] }
  }

  /// Stores the pixel at `index` of planes that lie one behind the other, `planeSize` samples each. Where a colour key is the only
  /// transparency, alpha from one half is opaque, and an opaque pixel of the key's own colour moves by one step so that it shows.
  func store(
    _ samples: UnsafeBufferPointer<UInt16>, planeSize: Int, at index: Int,
    into pixel: UnsafeMutablePointer<UInt16>
  ) {
    let channels = colorType.channels
    for channel in 0..<channels { pixel[channel] = samples[channel &* planeSize &+ index] }
    guard !key.isEmpty else { return }
    if samples[colorPlanes * planeSize + index] <= maxValue / 2 {
      for channel in 0..<channels { pixel[channel] = key[channel] }
    } else if (0..<channels).allSatisfy({ pixel[$0] == key[$0] }) {
      pixel[channels - 1] = key[channels - 1] == maxValue ? maxValue - 1 : key[channels - 1] + 1
    }
  }

  private func look(
    up line: UnsafePointer<UInt16>, plane: Int, count: Int, into target: UnsafeMutablePointer<UInt16>
  ) {
    let shift = UInt32(24 - 8 * plane)
    entries.withUnsafeBufferPointer { entries in
      for i in 0..<count {
        let index = Int(line[i])
        // An index outside of the palette is an error that decoders show as black (PNG 11.2.2).
        let color = index < entries.count ? entries[index] : 0xFF
        target[i] = UInt16(truncatingIfNeeded: color >> shift & 0xFF)
      }
    }
  }

  private func matchKey(
    _ line: UnsafePointer<UInt16>, count: Int, into target: UnsafeMutablePointer<UInt16>
  ) {
    let channels = colorType.channels
    for i in 0..<count {
      var isKey = true
      for channel in 0..<channels where line[i &* channels &+ channel] != key[channel] { isKey = false }
      target[i] = isKey ? 0 : maxValue
    }
  }
}
