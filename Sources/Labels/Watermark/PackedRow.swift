internal import CSignal
internal import MediaCore

/// Loops over one row of 8-bit samples, the channels of a pixel side by side.
enum PackedRow {
  /// BT.601 luma in 256ths, 0 … 255, on white where a pixel is not opaque.
  static func luma(
    _ row: UnsafePointer<UInt8>, _ channels: PackedChannels, count: Int,
    into luma: UnsafeMutablePointer<Float>
  ) {
    switch channels {
    case .gray:
      for x in 0..<count { luma[x] = Float(row[x]) }
    case .grayAlpha:
      for x in 0..<count { luma[x] = shown(Float(row[2 &* x]), row[2 &* x &+ 1]) }
    case .rgb, .rgba: tm_pixels_luma(row, Int32(channels.rawValue), Int32(count), luma)
    }
  }

  @inline(__always)
  private static func shown(_ luma: Float, _ alpha: UInt8) -> Float {
    255 + (luma - 255) * (Float(alpha) / 255)
  }

  /// Blue less luma, grey levels, of rows with colours.
  static func blueness(
    _ row: UnsafePointer<UInt8>, _ channels: PackedChannels, count: Int,
    into blueness: UnsafeMutablePointer<Float>
  ) {
    switch channels {
    case .gray, .grayAlpha: blueness.update(repeating: 0, count: count)
    case .rgb, .rgba: tm_pixels_blueness(row, Int32(channels.rawValue), Int32(count), blueness)
    }
  }

  /// Adds marks of `MarkRows` to each pixel, and to its blue at the cost of its green, in whole changes of samples within 0 … 255: nothing
  /// to opacity, nor to a pixel that is fully transparent. Returns Σ of the squares of what was added.
  static func mark(
    _ row: UnsafeMutablePointer<UInt8>, _ channels: PackedChannels, count: Int, luma: UnsafePointer<Int16>,
    blue: UnsafePointer<Int16>?
  ) -> Int {
    Int(tm_pixels_mark(row, Int32(channels.rawValue), Int32(count), luma, blue, green))
  }

  /// `BlueMark.green` in 2¹⁶ths.
  private static let green = Int16((BlueMark.green * 65536).rounded())
}
