import MediaCore
import Testing

@testable import MediaFormats

/// The short way between scanlines of bytes and planes does what the general one does.
@Suite struct PNGPlainTests {
  private static let size = PixelSize(width: 37, height: 11)

  /// A frame of colour type `type` whose rows are filtered in turn by each filter.
  private static func frame(_ type: UInt8) throws -> PNGFrame {
    let head = UInt32(size.width).bigEndianBytes + UInt32(size.height).bigEndianBytes + [8, type, 0, 0, 0]
    let header = try PNGHeader(head)
    let scratch = Scratch()
    let buffer = scratch.borrow(try header.decodedBytes(within: Limits()))
    for index in buffer.bytes.indices { buffer.bytes[index] = UInt8(truncatingIfNeeded: index * index / 7) }
    let stride = size.width * header.colorType.channels + 1
    for y in 0..<size.height { buffer.bytes[y * stride] = UInt8(y % 5) }
    return PNGFrame(
      try PNGRaster(header, buffer), palette: nil, key: nil, orientation: .up, limits: Limits(),
      scratch: scratch)
  }

  static let rects = [
    PixelRect(x: 0, y: 0, width: 37, height: 11), PixelRect(x: 5, y: 3, width: 1, height: 1),
    PixelRect(x: 9, y: 4, width: 28, height: 7),
  ]

  @Test(arguments: [UInt8(0), 2, 4, 6], rects) func readingIsTheSame(_ type: UInt8, _ rect: PixelRect) throws
  {
    let (plain, general) = (try Self.frame(type), try Self.frame(type))
    #expect(plain.hasPlainBytes)
    let codec = PNGPixelCodec(general.header, palette: nil, key: nil)
    #expect(plain.readPlainPlanes(rect) == general.readPlanes(rect, codec))
  }

  @Test(arguments: [UInt8(0), 2, 4, 6], rects) func writingChangesWhatDiffersAlone(
    _ type: UInt8, _ rect: PixelRect
  ) throws {
    let (plain, general) = (try Self.frame(type), try Self.frame(type))
    var planes = plain.readPlainPlanes(rect)
    let before = planes
    for plane in planes.indices {
      for index in stride(from: plane, to: planes[plane].count, by: 13) { planes[plane][index] ^= 0x55 }
    }
    let expected = PNGDifference(before, planes, rect)
    let codec = PNGPixelCodec(general.header, palette: nil, key: nil)
    _ = general.readPlanes(rect, codec)
    general.store(planes, by: codec, expected)
    #expect(plain.writePlainPlanes(planes, rect) == expected.box)
    #expect(plain.raster.hasChanged)
    #expect(plain.raster.refilter() == general.raster.refilter())
    #expect(Array(plain.raster.bytes) == Array(general.raster.bytes))
  }

  @Test func writingTheSameChangesNothing() throws {
    let frame = try Self.frame(2)
    let planes = frame.readPlainPlanes(Self.rects[0])
    #expect(frame.writePlainPlanes(planes, Self.rects[0]).isEmpty)
    #expect(!frame.raster.hasChanged)
  }
}
