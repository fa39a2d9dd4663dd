internal import CImageIO
internal import MediaCore

/// The headers of a picture in one Huffman-coded sequential scan (T.81 F.1): what is needed to find every block's bits.
struct JPEGSequentialScan {
  /// A component in the order of the scan.
  struct Component {
    /// Blocks of an MCU; 1 × 1 in a scan of one component, whatever its sampling (T.81 A.2.2).
    let horizontal: Int
    let vertical: Int
    /// Blocks that show the picture.
    let columns: Int
    let rows: Int
    /// Its first block in an MCU.
    let firstBlock: Int
    let dc: JPEGHuffmanTable
    let ac: JPEGHuffmanTable
    /// As libjpeg describes it.
    let description: tm_jpeg_component
  }

  let components: [Component]
  /// The component of each block of an MCU.
  let componentOfBlock: [Int]
  let mcuColumns: Int
  let mcuRows: Int
  /// MCUs between restart markers; 0 without any.
  let restartInterval: Int
  /// Where the entropy-coded data begins in the file.
  let start: Int

  var mcuCount: Int { mcuColumns * mcuRows }
  var blocksPerMCU: Int { componentOfBlock.count }

  /// Nil for every other process, for scans of some of the components, and where a table is not as it should be: libjpeg reads
  /// those, or says what is wrong.
  init?(_ structure: JPEGStructure, _ bytes: UnsafeRawBufferPointer) {
    let header = structure.header
    guard [0xC0, 0xC1].contains(header.marker.rawValue), header.precision == 8,
      let tables = JPEGTables(structure.segments, bytes), let scan = structure.segments.last
    else { return nil }
    let count = header.components.count
    let selectors = Array(bytes[scan.payload])
    guard selectors.count == 4 + 2 * count, selectors[0] == UInt8(count), selectors.suffix(3) == [0, 63, 0]
    else {
      return nil
    }
    guard count <= Int(tm_scan_components) else { return nil }
    let isAlone = count == 1
    let (h, v) = (header.largestHorizontal, header.largestVertical)
    var components: [Component] = []
    var componentOfBlock: [Int] = []
    for (index, component) in header.components.enumerated() {
      let selected = Int(selectors[2 + 2 * index])
      guard selectors[1 + 2 * index] == component.id, let dc = tables.dc[selected >> 4],
        let ac = tables.ac[selected & 15],
        let steps = tables.steps[tables.stepsOfComponent[index]]
      else { return nil }
      let columns = (header.size.width * component.horizontal + 8 * h - 1) / (8 * h)
      let rows = (header.size.height * component.vertical + 8 * v - 1) / (8 * v)
      components.append(
        Component(
          horizontal: isAlone ? 1 : component.horizontal, vertical: isAlone ? 1 : component.vertical,
          columns: columns,
          rows: rows, firstBlock: componentOfBlock.count, dc: dc, ac: ac,
          description: Self.describe(component, columns, rows, steps)))
      let blocks = isAlone ? 1 : component.horizontal * component.vertical
      componentOfBlock += Array(repeating: index, count: blocks)
    }
    // More is no MCU (T.81 B.2.3).
    guard componentOfBlock.count <= 10 else { return nil }
    self.components = components
    self.componentOfBlock = componentOfBlock
    mcuColumns = isAlone ? components[0].columns : (header.size.width + 8 * h - 1) / (8 * h)
    mcuRows = isAlone ? components[0].rows : (header.size.height + 8 * v - 1) / (8 * v)
    restartInterval = tables.restartInterval
    start = scan.end
  }

  /// Parts of the data with restart markers between them; one without.
  var intervalCount: Int {
    restartInterval == 0 ? 1 : (mcuCount + restartInterval - 1) / restartInterval
  }

  func mcus(ofInterval index: Int) -> Range<Int> {
    restartInterval == 0
      ? 0..<mcuCount : restartInterval * index..<min(mcuCount, restartInterval * (index + 1))
  }

  /// The place of a component's block in the order of the scan.
  func block(_ c: Component, _ row: Int, _ column: Int) -> Int {
    let mcu = row / c.vertical * mcuColumns + column / c.horizontal
    return mcu * blocksPerMCU + c.firstBlock + row % c.vertical * c.horizontal + column % c.horizontal
  }

  private static func describe(
    _ component: JPEGHeader.Component, _ columns: Int, _ rows: Int, _ steps: [UInt16]
  ) -> tm_jpeg_component {
    var description = tm_jpeg_component()
    description.horizontal = Int32(component.horizontal)
    description.vertical = Int32(component.vertical)
    description.width_in_blocks = Int32(columns)
    description.height_in_blocks = Int32(rows)
    withUnsafeMutableBytes(of: &description.quantization) { raw in
      for (index, step) in steps.enumerated() {
        raw.storeBytes(of: step, toByteOffset: 2 * index, as: UInt16.self)
      }
    }
    return description
  }
}
