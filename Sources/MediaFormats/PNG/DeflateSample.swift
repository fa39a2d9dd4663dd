internal import CImageIO
internal import MediaCore

/// Parts of data, compressed to see which way is worth its time for all of it.
struct DeflateSample {
  private let parts: [UnsafeRawBufferPointer]
  private let scratch: Scratch
  /// Bytes of a part, less than a match may reach.
  private static let partBytes = 24 << 10
  /// Where parts begin, as shares of the data.
  private static let places = [0.25, 0.6]

  /// Samples `data`, which must outlive the value.
  init(_ data: UnsafeRawBufferPointer, _ scratch: Scratch) {
    self.scratch = scratch
    parts = Self.places.map { place in
      let start = Int(place * Double(data.count))
      return UnsafeRawBufferPointer(rebasing: data[start..<min(data.count, start + Self.partBytes)])
    }
  }

  /// Bytes of all parts, compressed by `settings`.
  func byteCount(_ settings: DeflateSplice.Settings) -> Int {
    let buffer = scratch.borrow(tm_deflate_bound(Self.partBytes))
    guard let target = buffer.bytes.bindMemory(to: UInt8.self).baseAddress else { return 0 }
    return parts.reduce(0) { count, part in
      let source = part.bindMemory(to: UInt8.self).baseAddress
      guard settings != .runs else {
        return count + tm_deflate_quickly(source, part.count, 0, 1, target, buffer.bytes.count)
      }
      return count + tm_deflate_alone(settings.level, source, part.count, target, buffer.bytes.count)
    }
  }
}
