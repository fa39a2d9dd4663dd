import MediaCore

@testable import Labels

/// A picture held as quantised cosine transforms of its luma and its colours, these at full or at half the size.
final class ColorBlockFrame: CoefficientFrame {
  let size: PixelSize
  let orientation = Orientation.up
  let lumaGrid: CoefficientGrid?
  let bluenessGrid: CoefficientGrid?
  var luma: UnsafeBufferPointer<Int16> { UnsafeBufferPointer(start: lumaBlocks, count: size.pixelCount) }
  var blueness: UnsafeBufferPointer<Int16> {
    UnsafeBufferPointer(start: colorBlocks, count: size.pixelCount / reduction / reduction)
  }
  private let (lumaBlocks, colorBlocks): (UnsafeMutablePointer<Int16>, UnsafeMutablePointer<Int16>)
  private let (lumaSteps, colorSteps): ([Float], [Float])
  private let reduction: Int

  /// Blocks of even grey levels, of sides that are multiples of 16; colours are none.
  init(
    _ size: PixelSize, reduction: Int, lumaSteps: [Float], colorSteps: [Float],
    _ grey: (_ column: Int, _ row: Int) -> Float
  ) {
    self.size = size
    self.reduction = reduction
    (self.lumaSteps, self.colorSteps) = (lumaSteps, colorSteps)
    let (columns, rows) = (size.width / 8, size.height / 8)
    let lumaGrid = CoefficientGrid(columns: columns, rows: rows, steps: lumaSteps)
    let bluenessGrid = CoefficientGrid(
      columns: columns / reduction, rows: rows / reduction, steps: colorSteps, reduction: reduction)
    (self.lumaGrid, self.bluenessGrid) = (lumaGrid, bluenessGrid)
    let colors = size.pixelCount / reduction / reduction
    lumaBlocks = .allocate(capacity: size.pixelCount)
    colorBlocks = .allocate(capacity: colors)
    lumaBlocks.initialize(repeating: 0, count: size.pixelCount)
    colorBlocks.initialize(repeating: 0, count: colors)
    for row in 0..<rows {
      for column in 0..<columns {
        lumaBlocks[64 * (row * columns + column)] = Int16(
          (8 * (grey(column, row) - 128) / lumaSteps[0]).rounded())
      }
    }
  }

  deinit {
    lumaBlocks.deallocate()
    colorBlocks.deallocate()
  }

  func blocks(of plane: CoefficientPlane, row: Int) throws(MediaError) -> UnsafeMutablePointer<Int16> {
    switch plane {
    case .luma: lumaBlocks + 8 * row * size.width
    case .blueness: colorBlocks + 8 * row * size.width / reduction
    }
  }

  func noteEdits(of plane: CoefficientPlane, row: Int, _ edited: UnsafePointer<UInt8>) {}

  func readRegion(_ rect: PixelRect) throws(MediaError) -> Region {
    let rect = rect.aligned(to: PixelSize(width: 16, height: 16), within: size)
    let grey = SamplePlane(
      width: rect.width / reduction, height: rect.height / reduction, horizontalSubsampling: reduction,
      verticalSubsampling: reduction,
      samples: [UInt16](repeating: 128, count: rect.width * rect.height / reduction / reduction))
    return Region(
      rect: rect, model: .ycbcr,
      planes: [plane(lumaBlocks, lumaSteps, 1, rect), plane(colorBlocks, colorSteps, reduction, rect), grey])
  }

  private func plane(
    _ storage: UnsafePointer<Int16>, _ steps: [Float], _ reduction: Int, _ rect: PixelRect
  ) -> SamplePlane {
    let (width, height, columns) = (
      rect.width / reduction, rect.height / reduction, size.width / reduction / 8
    )
    var samples = [UInt16](repeating: 0, count: width * height)
    for y in stride(from: 0, to: height, by: 8) {
      for x in stride(from: 0, to: width, by: 8) {
        let block = (rect.y / reduction + y) / 8 * columns + (rect.x / reduction + x) / 8
        let decoded = BlockFrame.decoded(storage + 64 * block, steps)
        for (index, value) in decoded.enumerated() {
          samples[(y + index / 8) * width + x + index % 8] = value
        }
      }
    }
    return SamplePlane(
      width: width, height: height, horizontalSubsampling: reduction, verticalSubsampling: reduction,
      samples: samples)
  }

  @discardableResult func writeRegion(_ region: Region) throws(MediaError) -> PixelRect {
    throw MediaError(.internalFault, .label, "this frame is edited by its coefficients")
  }
}
