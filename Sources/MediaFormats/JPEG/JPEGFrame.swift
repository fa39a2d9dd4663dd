internal import CImageIO
internal import MediaCore

/// The picture of a JPEG as DCT coefficients; only the blocks that a region asks for are transformed.
final class JPEGFrame: Frame {
  let size: PixelSize
  let orientation: Orientation
  /// Whether any coefficient was written.
  private(set) var hasChanged = false
  private let coefficients: any JPEGBlocks
  private let components: [JPEGComponent]
  private let model: ColorModel
  private let unit: PixelSize
  let lumaGrid: CoefficientGrid?
  let bluenessGrid: CoefficientGrid?

  init(
    _ coefficients: any JPEGBlocks, _ header: JPEGHeader, _ color: JPEGColor, orientation: Orientation
  ) throws(MediaError) {
    size = header.size
    self.orientation = orientation
    self.coefficients = coefficients
    model = color.model
    unit = PixelSize(width: 8 * header.largestHorizontal, height: 8 * header.largestVertical)
    var components: [JPEGComponent] = []
    for index in header.components.indices {
      components.append(try JPEGComponent(index, coefficients.component(index), of: header))
    }
    self.components = components
    lumaGrid = Self.lumaGrid(components, model)
    bluenessGrid = lumaGrid == nil ? nil : Self.bluenessGrid(components, model)
  }

  func readRegion(_ rect: PixelRect) throws(MediaError) -> Region {
    let bounds = PixelRect(x: 0, y: 0, width: size.width, height: size.height)
    guard rect.width >= 0, rect.height >= 0, rect.isEmpty || rect.intersection(bounds) == rect else {
      throw MediaError(.invalidArgument, .label, "region \(rect) is outside of the picture of \(size)")
    }
    let whole = rect.aligned(to: unit, within: size)
    var planes: [SamplePlane] = []
    for component in components { planes.append(try plane(of: component, in: whole)) }
    return Region(rect: whole, model: model, planes: planes)
  }

  private func plane(of component: JPEGComponent, in rect: PixelRect) throws(MediaError) -> SamplePlane {
    let area = component.samples(in: rect)
    var samples = [UInt16](repeating: 0, count: area.width * area.height)
    let width = area.width
    try forEachBlock(of: component, in: area) { column, row, block in
      let whole = PixelRect(x: column * 8, y: row * 8, width: 8, height: 8)
      let shown = whole.intersection(area)
      samples.withUnsafeMutableBufferPointer { samples in
        guard let start = samples.baseAddress else { return }
        if shown == whole {
          let corner = start + ((whole.y - area.y) * width + whole.x - area.x)
          BlockTransform.pixels(block, component.steps, into: corner, pitch: width)
          return
        }
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 64) { pixels in
          guard let pixels = pixels.baseAddress else { return }
          BlockTransform.pixels(block, component.steps, into: pixels, pitch: 8)
          for y in shown.y..<shown.maxY {
            let line = (y - area.y) * area.width - area.x
            let source = (y - row * 8) * 8 - column * 8
            for x in shown.x..<shown.maxX { samples[line &+ x] = pixels[source &+ x] }
          }
        }
      }
    }
    return SamplePlane(
      width: area.width, height: area.height, horizontalSubsampling: component.horizontalSubsampling,
      verticalSubsampling: component.verticalSubsampling, samples: samples)
  }

  func writeRegion(_ region: Region) throws(MediaError) -> PixelRect {
    guard region.planes.count == components.count, region.alpha == nil, region.model == model,
      region.rect == region.rect.aligned(to: unit, within: size)
    else { throw MediaError(.invalidArgument, .label, "region does not have the planes of this picture") }
    var changed = PixelRect(x: region.rect.x, y: region.rect.y, width: 0, height: 0)
    for (component, plane) in zip(components, region.planes) {
      let area = component.samples(in: region.rect)
      guard plane.width == area.width, plane.height == area.height, plane.maxValue == 255 else {
        throw MediaError(
          .invalidArgument, .label, "plane \(component.index) does not have the samples of this region")
      }
      let edit = JPEGBlockEdit(plane, area: area, component.steps)
      try forEachBlock(of: component, in: area) { column, row, block in
        guard edit.apply(to: block, column: column, row: row) else { return }
        coefficients.noteEdit(of: block, component: component.index, row: row, column: column)
        changed = changed.union(component.pixels(ofBlock: column, row, within: size))
      }
    }
    if !changed.isEmpty { hasChanged = true }
    return changed
  }

  /// Calls `body` with each block that holds samples of `area`.
  private func forEachBlock(
    of component: JPEGComponent, in area: PixelRect, _ body: (Int, Int, UnsafeMutablePointer<Int16>) -> Void
  ) throws(MediaError) {
    guard !area.isEmpty else { return }
    for row in area.y / 8...(area.maxY - 1) / 8 {
      let columns = area.x / 8..<(area.maxX + 7) / 8
      let blocks = try coefficients.blocks(of: component.index, row: row, columns: columns)
      for column in columns { body(column, row, blocks + 64 * column) }
    }
  }

  /// The nearest integer 0 … 255: added to 2²³ it stands in a float's last bits.
  @inline(__always)
  static func rounded(_ value: Float) -> UInt16 {
    UInt16(truncatingIfNeeded: (min(max(value, 0), 255) + 0x1p23).bitPattern)
  }
}

extension JPEGFrame: CoefficientFrame {
  private static func lumaGrid(_ components: [JPEGComponent], _ model: ColorModel) -> CoefficientGrid? {
    guard model == .ycbcr || model == .gray, let luma = components.first, luma.horizontalSubsampling == 1,
      luma.verticalSubsampling == 1
    else { return nil }
    return CoefficientGrid(
      columns: (luma.width + 7) / 8, rows: (luma.height + 7) / 8, steps: luma.steps)
  }

  private static func bluenessGrid(_ components: [JPEGComponent], _ model: ColorModel) -> CoefficientGrid? {
    guard model == .ycbcr, components.count == 3 else { return nil }
    let blueness = components[1]
    guard blueness.horizontalSubsampling == blueness.verticalSubsampling else { return nil }
    return CoefficientGrid(
      columns: (blueness.width + 7) / 8, rows: (blueness.height + 7) / 8, steps: blueness.steps,
      reduction: blueness.horizontalSubsampling)
  }

  func blocks(of plane: CoefficientPlane, row: Int) throws(MediaError) -> UnsafeMutablePointer<Int16> {
    let component = try required(plane)
    return try coefficients.blocks(of: component.index, row: row, columns: 0..<(component.width + 7) / 8)
  }

  func readFirst(row: Int, into first: UnsafeMutablePointer<Int16>) throws(MediaError) {
    let luma = try required(.luma)
    try coefficients.readFirst(of: luma.index, row: row, columns: (luma.width + 7) / 8, into: first)
  }

  func readLuma(row: Int, into samples: UnsafeMutablePointer<UInt16>) throws(MediaError) {
    let luma = try required(.luma)
    let blocks = try blocks(of: .luma, row: row)
    let columns = (luma.width + 7) / 8
    for column in 0..<columns {
      BlockTransform.pixels(
        blocks + 64 * column, luma.steps, into: samples + 8 * column, pitch: 8 * columns)
    }
  }

  func noteEdits(of plane: CoefficientPlane, row: Int, _ edited: UnsafePointer<UInt8>) {
    guard let component = component(plane) else { return }
    let columns = (component.width + 7) / 8
    if coefficients.noteEdits(component: component.index, row: row, edited, columns: columns) {
      hasChanged = true
    }
  }

  private func required(_ plane: CoefficientPlane) throws(MediaError) -> JPEGComponent {
    guard let component = component(plane) else {
      throw MediaError(.internalFault, .label, "no component of this picture is \(plane) by itself")
    }
    return component
  }

  private func component(_ plane: CoefficientPlane) -> JPEGComponent? {
    switch plane {
    case .luma: lumaGrid == nil ? nil : components.first
    case .blueness: bluenessGrid == nil ? nil : components[1]
    }
  }
}
