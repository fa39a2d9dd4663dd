internal import MediaCore

extension PNGFrame: PackedFrame {
  var packedChannels: PackedChannels? {
    guard header.depth == 8, key == nil else { return nil }
    return switch header.colorType {
    case .gray: .gray
    case .grayAlpha: .grayAlpha
    case .rgb: .rgb
    case .rgba: .rgba
    case .palette: nil
    }
  }

  func readPackedRows(
    _ rows: Range<Int>, _ body: (_ y: Int, _ samples: UnsafePointer<UInt8>) -> Void
  ) throws(MediaError) {
    try checkPackedRows(rows)
    let raster = raster
    if header.isInterlaced { return raster.readWovenRows(rows, body) }
    for y in rows {
      raster.unfilterBand(from: y)
      body(y, UnsafePointer(raster.row(y, of: 0)))
    }
  }

  func editPackedRows(
    _ rows: Range<Int>, _ body: (_ y: Int, _ samples: UnsafeMutablePointer<UInt8>) -> Void
  ) throws(MediaError) {
    try checkPackedRows(rows)
    let raster = raster
    if header.isInterlaced { return raster.editWovenRows(rows, body) }
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: PNGRaster.bandRows) {
      let band = start..<min(rows.upperBound, start + PNGRaster.bandRows)
      raster.willChange(band, of: 0)
      for y in band { body(y, raster.row(y, of: 0)) }
    }
  }

  private func checkPackedRows(_ rows: Range<Int>) throws(MediaError) {
    guard packedChannels != nil, rows.lowerBound >= 0, rows.upperBound <= size.height else {
      throw MediaError(.internalFault, .label, "rows \(rows) of a picture of \(size) were asked for as bytes")
    }
  }
}
