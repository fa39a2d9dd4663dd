internal import CImageIO

/// A block of every MCU: which one of its component's blocks it is, and how it is coded. Trivial to copy, for loops over all
/// blocks; the scan that it is of must live.
struct JPEGBlockPart {
  let component: Int
  /// The tables that its first coefficient and the others were coded with.
  let dc: JPEGHuffmanTable.Lookup
  let ac: JPEGHuffmanTable.Lookup
  /// The tables that they are written with.
  let newDC: JPEGHuffmanTable.Lookup
  let newAC: JPEGHuffmanTable.Lookup
  private let horizontal: Int
  private let vertical: Int
  private let column: Int
  private let row: Int
  private let columns: Int
  private let rows: Int
  private let coefficients: UnsafeMutablePointer<Int16>
  private let states: UnsafeMutablePointer<UInt8>

  /// Block `index` of those that `component` has in an MCU; `tables` are those in place of others of the same id.
  init(
    _ index: Int, of component: Int, in scan: JPEGSequentialScan, _ plane: JPEGBlockPlane,
    tables: [UInt8: JPEGHuffmanTable]
  ) {
    let coding = scan.components[component]
    self.component = component
    newDC = (tables[coding.dc.id] ?? coding.dc).lookup
    newAC = (tables[coding.ac.id] ?? coding.ac).lookup
    (dc, ac, horizontal, vertical) = (coding.dc.lookup, coding.ac.lookup, coding.horizontal, coding.vertical)
    (row, column) = (index / horizontal, index % horizontal)
    (columns, rows, coefficients, states) = (plane.columns, plane.rows, plane.coefficients, plane.states)
  }

  /// The same for loops in C.
  func kernel(isDecoded: Bool) -> tm_scan_part {
    tm_scan_part(
      dc: dc.kernel, ac: ac.kernel, new_dc: newDC.kernel, new_ac: newAC.kernel, coefficients: coefficients,
      states: states, columns: Int64(columns), rows: Int64(rows), horizontal: Int32(horizontal),
      vertical: Int32(vertical), column: Int32(column), row: Int32(row), component: Int32(component),
      is_decoded: isDecoded ? 1 : 0)
  }

  /// Its coefficients and state in an MCU; nil for a block that pads the picture to whole MCUs.
  @inline(__always)
  func block(_ mcuRow: Int, _ mcuColumn: Int) -> (
    coefficients: UnsafeMutablePointer<Int16>, state: UnsafeMutablePointer<UInt8>
  )? {
    let y = mcuRow &* vertical &+ row
    let x = mcuColumn &* horizontal &+ column
    guard y < rows, x < columns else { return nil }
    let index = y &* columns &+ x
    return (coefficients + 64 &* index, states + index)
  }
}

extension JPEGScanBlocks {
  /// The blocks of an MCU in the order of the scan.
  var parts: [JPEGBlockPart] {
    scan.componentOfBlock.enumerated().map { part, component in
      JPEGBlockPart(
        part - scan.components[component].firstBlock, of: component, in: scan, planes[component],
        tables: tables)
    }
  }

  /// Calls `body` with every block of restart interval `interval` in the order of the scan, until it returns false: the block's place,
  /// its part, the row and the column of its MCU.
  @inline(__always)
  func forEachBlock(
    of interval: Int, _ parts: UnsafeBufferPointer<JPEGBlockPart>,
    _ body: (Int, JPEGBlockPart, Int, Int) -> Bool
  ) -> Bool {
    let mcus = scan.mcus(ofInterval: interval)
    var block = mcus.lowerBound * parts.count
    var (row, column) = (mcus.lowerBound / scan.mcuColumns, mcus.lowerBound % scan.mcuColumns)
    for _ in mcus {
      for part in parts {
        guard body(block, part, row, column) else { return false }
        block &+= 1
      }
      column &+= 1
      if column == scan.mcuColumns { (row, column) = (row &+ 1, 0) }
    }
    return true
  }
}
