internal import MediaCore

extension PNGFrame: PackedFrame {
  var packedChannels: PackedChannels? {
    guard header.depth == 8, !header.isInterlaced, key == nil else { return nil }
    return switch header.colorType {
    case .gray: .gray
    case .grayAlpha: .grayAlpha
    case .rgb: .rgb
    case .rgba: .rgba
    case .palette: nil
    }
  }

  func readPackedRow(_ y: Int, _ body: (UnsafePointer<UInt8>) -> Void) throws(MediaError) {
    try checkPackedRow(y)
    raster.unfilterBand(from: y)
    body(UnsafePointer(raster.row(y, of: 0)))
  }

  func editPackedRow(_ y: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Void) throws(MediaError) {
    try checkPackedRow(y)
    raster.unfilterBand(from: y)
    raster.willChange(y..<y + 1, of: 0)
    body(raster.row(y, of: 0))
  }

  private func checkPackedRow(_ y: Int) throws(MediaError) {
    guard packedChannels != nil, y >= 0, y < size.height else {
      throw MediaError(.internalFault, .label, "row \(y) of a picture of \(size) was asked for as bytes")
    }
  }
}
