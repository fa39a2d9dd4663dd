internal import CImageIO
internal import MediaCore

/// Parts of data, compressed to see which way is worth its time for all of it.
struct DeflateSample {
  private let parts: [UnsafeRawBufferPointer]
  private let scratch: Scratch
  // What parts that are no parts of other data are held in.
  private let held: ScratchBuffer?
  /// Bytes of a part at most, less than a match may reach.
  static let partBytes = 24 << 10
  /// Where parts begin, as shares of the data; of rows, which differ from one end of a drawing to the other.
  private static let places = [0.25, 0.6]
  private static let rowPlaces = [0.1, 0.3, 0.5, 0.7, 0.9]
  /// The share of the data that a part of rows is, of which there are more, and the least of it.
  private static let rowShare = 1.0 / 427
  private static let leastRowBytes = 3 << 10

  /// Samples `data`, which must outlive the value.
  init(_ data: UnsafeRawBufferPointer, _ scratch: Scratch) {
    self.scratch = scratch
    held = nil
    parts = Self.places.map { place in
      let start = Int(place * Double(data.count))
      return UnsafeRawBufferPointer(rebasing: data[start..<min(data.count, start + Self.partBytes)])
    }
  }

  /// Samples the largest pass of `raster`, whose rows are raw, as `choice` would filter them: parts of `most` bytes.
  init(_ raster: PNGRaster, as choice: PNGFilterChoice, most: Int = partBytes, _ scratch: Scratch) {
    self.scratch = scratch
    let pass = raster.largestPass
    let (height, stride) = (raster.passes[pass].height, raster.passes[pass].stride)
    let share = Int(Self.rowShare * Double(height * stride))
    let rows = min(height, max(2, min(max(share, Self.leastRowBytes), most) / stride))
    let buffer = scratch.borrow(Self.rowPlaces.count * rows * stride)
    held = buffer
    let bytes = buffer.bytes[..<(Self.rowPlaces.count * rows * stride)]
    for (index, place) in Self.rowPlaces.enumerated() {
      let part = UnsafeMutableRawBufferPointer(
        rebasing: bytes[index * rows * stride..<(index + 1) * rows * stride])
      let first = Int(place * Double(height - rows))
      if let target = part.bindMemory(to: UInt8.self).baseAddress {
        raster.copy(first..<first + rows, of: pass, as: choice, to: target)
      }
    }
    // One after the other: a compressor takes about as long to begin as for a part.
    parts = [UnsafeRawBufferPointer(UnsafeMutableRawBufferPointer(rebasing: bytes))]
  }

  /// Bytes that are sampled.
  var rawByteCount: Int { parts.reduce(0) { $0 + $1.count } }

  /// Bytes of all parts, compressed by `settings`.
  func byteCount(_ settings: DeflateSplice.Settings) -> Int {
    parts.reduce(0) { count, part in
      let source = part.bindMemory(to: UInt8.self).baseAddress
      guard settings != .runs else { return count + tm_deflate_quickly(source, part.count, 0, 1, nil, 0) }
      let plain = settings.hasRuns ? tm_deflate_plain(source, part.count, 0, 15, 0, 1, nil, 0) : 0
      guard plain == 0 else { return count + plain }
      let buffer = scratch.borrow(tm_deflate_bound(part.count))
      guard let target = buffer.bytes.bindMemory(to: UInt8.self).baseAddress else { return count }
      return count + tm_deflate_alone(settings.level, source, part.count, target, buffer.bytes.count)
    }
  }
}
