internal import CImageIO
internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The blocks of a scan where they stand in the file: the codes are walked over once, blocks are decoded when they are asked
/// for, and when the picture is written the bits of all others are copied. What is left alone costs neither memory nor coding,
/// and stays as it is coded.
final class JPEGScanBlocks: JPEGBlocks {
  /// Which blocks are decoded on the walk, because all of them will be asked for.
  enum Decoding {
    case none
    /// Those of the first component.
    case first
    case all
  }

  let scan: JPEGSequentialScan
  let data: JPEGEntropyData
  let scratch: Scratch
  /// Of each component.
  let planes: [JPEGBlockPlane]
  /// Of each block in the order of the scan, and of what follows the last: its first bit in `data`.
  let positions: UnsafeMutablePointer<UInt32>
  /// Its first coefficient as it was read.
  let dc: UnsafeMutablePointer<Int16>
  /// The bit behind each restart interval.
  private(set) var ends: [Int] = []
  /// Tables by their id that stand in place of the file's, with codes for more symbols.
  var tables: [UInt8: JPEGHuffmanTable] = [:]
  private let source: ScratchBuffer
  private let buffers: [ScratchBuffer]
  // What `encode` returns refers to one of them.
  private var library: JPEGLibraryBlocks?
  private var coded: ScratchBuffer?

  /// Walks over the only scan of `source`. Nil for every other way of coding a picture and for everything odd, of which libjpeg
  /// is the judge.
  init?(_ structure: JPEGStructure, _ source: ScratchBuffer, decoding: Decoding, _ scratch: Scratch) {
    let bytes = UnsafeRawBufferPointer(source.bytes)
    guard let scan = JPEGSequentialScan(structure, bytes),
      let data = JPEGEntropyData(bytes, from: scan.start, scratch)
    else { return nil }
    let count = scan.mcuCount * scan.blocksPerMCU
    let (places, means) = (scratch.borrow(4 * count + 4), scratch.borrow(2 * count))
    guard let positions = places.bytes.bindMemory(to: UInt32.self).baseAddress,
      let dc = means.bytes.bindMemory(to: Int16.self).baseAddress
    else { return nil }
    var planes: [JPEGBlockPlane] = []
    var buffers = [places, means]
    for component in scan.components {
      guard let plane = JPEGBlockPlane(component.columns, component.rows, scratch, &buffers) else {
        return nil
      }
      planes.append(plane)
    }
    (self.scan, self.data, self.source, self.scratch, self.planes) = (scan, data, source, scratch, planes)
    (self.positions, self.dc, self.buffers) = (positions, dc, buffers)
    guard let ends = walk(decoding) else { return nil }
    self.ends = ends
  }

  func component(_ index: Int) -> tm_jpeg_component { scan.components[index].description }

  func blocks(
    of component: Int, row: Int, columns: Range<Int>
  ) throws(MediaError) -> UnsafeMutablePointer<Int16> {
    let plane = planes[component]
    let states = plane.states + plane.columns * row
    if memchr(states + columns.lowerBound, Int32(JPEGBlockPlane.undecoded), columns.count) != nil {
      decode(component, row, columns)
    }
    return plane.coefficients + 64 * plane.columns * row
  }

  /// The walk has read them all; of blocks that were edited they are where those are.
  func readFirst(of component: Int, row: Int, columns: Int, into first: UnsafeMutablePointer<Int16>) {
    let (plane, coding) = (planes[component], scan.components[component])
    let states = plane.states + plane.columns * row
    let coefficients = plane.coefficients + 64 * plane.columns * row
    // Of each MCU, the blocks that stand in this row.
    var group = dc + scan.block(coding, row, 0)
    for start in stride(from: 0, to: columns, by: coding.horizontal) {
      for column in start..<min(start + coding.horizontal, columns) {
        first[column] =
          states[column] == JPEGBlockPlane.edited ? coefficients[64 * column] : group[column - start]
      }
      group += scan.blocksPerMCU
    }
  }

  func noteEdit(of block: UnsafePointer<Int16>, component: Int, row: Int, column: Int) {
    let plane = planes[component]
    plane.states[plane.columns * row + column] = JPEGBlockPlane.edited
  }

  func noteEdits(component: Int, row: Int, _ edited: UnsafePointer<UInt8>, columns: Int) -> Bool {
    let plane = planes[component]
    let states = plane.states + plane.columns * row
    var any: UInt8 = 0
    for column in 0..<columns {
      any |= edited[column]
      states[column] = edited[column] != 0 ? JPEGBlockPlane.edited : states[column]
    }
    return any != 0
  }

  func encode() throws(MediaError) -> JPEGCodedPicture {
    // Most lack nothing; what they lack is looked for when something does.
    if let spliced = spliced() ?? (extendTables() ? spliced() : nil) {
      coded = spliced.buffer
      let bytes = UnsafeRawBufferPointer(
        rebasing: UnsafeRawBufferPointer(spliced.buffer.bytes)[..<spliced.count])
      return .scan(bytes, replacing: scan.start..<data.end, tables: Array(tables.values))
    }
    // A table has no room for another code, so that all of the scan has to be coded with others.
    let library = try JPEGLibraryBlocks(source)
    self.library = library
    for (component, plane) in planes.enumerated() { try plane.copyEdits(to: library, component) }
    return try library.encode()
  }
}

/// The blocks of a component that show the picture, row by row.
struct JPEGBlockPlane {
  static let undecoded = UInt8(tm_block_undecoded)
  static let decoded = UInt8(tm_block_decoded)
  static let edited = UInt8(tm_block_edited)

  let columns: Int
  let rows: Int
  /// 64 of each block in natural order; undefined where it is not decoded.
  let coefficients: UnsafeMutablePointer<Int16>
  /// What is known of each block.
  let states: UnsafeMutablePointer<UInt8>

  /// A plane of blocks that are not decoded, which lives as long as what is added to `buffers`. Nil without memory.
  init?(_ columns: Int, _ rows: Int, _ scratch: Scratch, _ buffers: inout [ScratchBuffer]) {
    let (blocks, marks) = (scratch.borrow(128 * columns * rows), scratch.borrow(columns * rows))
    buffers += [blocks, marks]
    guard let coefficients = blocks.bytes.bindMemory(to: Int16.self).baseAddress,
      let states = marks.bytes.bindMemory(to: UInt8.self).baseAddress
    else { return nil }
    states.initialize(repeating: Self.undecoded, count: columns * rows)
    (self.columns, self.rows, self.coefficients, self.states) = (columns, rows, coefficients, states)
  }

  /// Puts the blocks that were edited over those of `target`.
  func copyEdits(to target: JPEGLibraryBlocks, _ component: Int) throws(MediaError) {
    for row in 0..<rows {
      let edited = (0..<columns).filter { states[columns * row + $0] == Self.edited }
      guard !edited.isEmpty else { continue }
      let line = try target.blocks(of: component, row: row, columns: 0..<columns)
      for column in edited {
        let block = coefficients + 64 * (columns * row + column)
        (line + 64 * column).update(from: block, count: 64)
        target.noteEdit(of: block, component: component, row: row, column: column)
      }
    }
  }
}
