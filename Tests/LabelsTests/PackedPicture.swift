import MediaCore

@testable import Labels

/// A picture in memory whose rows are bytes, the channels of a pixel side by side.
final class PackedPicture: PackedFrame {
  let size: PixelSize
  let orientation = Orientation.up
  let packedChannels: PackedChannels?
  var samples: [UInt8]
  private let channels: Int

  init(
    _ width: Int, _ height: Int, _ channels: PackedChannels,
    _ value: (_ x: Int, _ y: Int, _ channel: Int) -> UInt8
  ) {
    size = PixelSize(width: width, height: height)
    packedChannels = channels
    self.channels = channels.rawValue
    samples = (0..<width * height * channels.rawValue).map { index in
      let pixel = index / channels.rawValue
      return value(pixel % width, pixel / width, index % channels.rawValue)
    }
  }

  func readPackedRows(
    _ rows: Range<Int>, _ body: (_ y: Int, _ samples: UnsafePointer<UInt8>) -> Void
  ) throws(MediaError) {
    samples.withUnsafeBufferPointer { samples in
      guard let base = samples.baseAddress else { return }
      for y in rows { body(y, base + y * size.width * channels) }
    }
  }

  func editPackedRows(
    _ rows: Range<Int>, _ body: (_ y: Int, _ samples: UnsafeMutablePointer<UInt8>) -> Void
  ) throws(MediaError) {
    samples.withUnsafeMutableBufferPointer { samples in
      guard let base = samples.baseAddress else { return }
      for y in rows { body(y, base + y * size.width * channels) }
    }
  }

  /// The same samples as planes.
  var planes: PlaneFrame {
    let pixels = size.pixelCount
    var planes = (0..<channels).map { channel in
      SamplePlane(
        width: size.width, height: size.height,
        samples: (0..<pixels).map { UInt16(samples[$0 * channels + channel]) })
    }
    let alpha = packedChannels?.hasAlpha == true ? planes.removeLast() : nil
    return PlaneFrame(size: size, model: planes.count == 1 ? .gray : .rgb, planes: planes, alpha: alpha)
  }

  func readRegion(_ rect: PixelRect) throws(MediaError) -> Region { try planes.readRegion(rect) }

  @discardableResult func writeRegion(_ region: Region) throws(MediaError) -> PixelRect {
    throw MediaError(.internalFault, .label, "this frame is edited by its rows")
  }
}
