internal import CMediaIO
internal import MediaCore

/// An input that libavformat reads. Whoever has it opened there holds this object as long.
final class DemuxedInput {
  private let input: InputFile

  init(_ input: InputFile) { self.input = input }

  /// Calls `body` with the input as one of a container that libavformat calls `container`.
  func withSource<Result>(_ container: String, _ body: (UnsafePointer<tm_source>) -> Result) -> Result {
    container.withCString { name in
      var source = tm_source(
        opaque: Unmanaged.passUnretained(self).toOpaque(), read: Self.read, size: Int64(input.size),
        format: name)
      return body(&source)
    }
  }

  private static let read: tm_read = { opaque, offset, bytes, size in
    guard let opaque, let bytes, size > 0 else { return 0 }
    let input = Unmanaged<DemuxedInput>.fromOpaque(opaque).takeUnretainedValue().input
    let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: Int(size))
    return (try? input.read(into: buffer, at: Int(offset))).map { Int32($0) } ?? -1
  }
}
