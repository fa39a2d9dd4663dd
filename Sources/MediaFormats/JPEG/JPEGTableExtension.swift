internal import MediaCore

extension JPEGScanBlocks {
  /// Has the tables hold a code for every symbol that changed blocks need; blocks that hold a symbol whose code moved for that are
  /// coded anew as well. False when a table has no room, or nothing was lacking.
  func extendTables() -> Bool {
    let lacking = lacking()
    var moved: [UInt8: Set<UInt8>] = [:]
    for table in scan.components.flatMap({ [$0.dc, $0.ac] }) where tables[table.id] == nil {
      guard let symbols = lacking[table.id] else { continue }
      // The walk would take no such symbol when the file is read again.
      guard symbols.allSatisfy({ Self.isOf8Bits($0, table.id) }), let extended = table.extended(by: symbols)
      else {
        return false
      }
      tables[table.id] = extended.table
      if !extended.moved.isEmpty { moved[table.id] = extended.moved }
    }
    if !moved.isEmpty { markBlocks(with: moved) }
    return !lacking.isEmpty
  }

  private static func isOf8Bits(_ symbol: UInt8, _ id: UInt8) -> Bool {
    id >> 4 == 0 ? symbol <= 11 : symbol & 15 <= 10
  }

  /// Has all blocks that are coded with one of these symbols coded anew.
  private func markBlocks(with symbols: [UInt8: Set<UInt8>]) {
    guard let bytes = data.buffer.bytes.bindMemory(to: UInt8.self).baseAddress else { return }
    func flags(_ id: UInt8) -> [Bool] { (0..<256).map { symbols[id]?.contains(UInt8($0)) == true } }
    for (component, coding) in scan.components.enumerated() {
      let (first, others) = (flags(coding.dc.id), flags(coding.ac.id))
      guard first.contains(true) || others.contains(true) else { continue }
      first.withUnsafeBufferPointer { first in
        others.withUnsafeBufferPointer { others in
          guard let first = first.baseAddress, let others = others.baseAddress else { return }
          markBlocks(of: component, bytes) { $0.meets(first, others, coding.dc.lookup, coding.ac.lookup) }
        }
      }
    }
  }

  @inline(__always)
  private func markBlocks(
    of component: Int, _ bytes: UnsafePointer<UInt8>, where meets: (inout JPEGBlockReader) -> Bool
  ) {
    let plane = planes[component]
    for row in 0..<plane.rows {
      for column in 0..<plane.columns {
        let state = plane.states + plane.columns * row + column
        if state.pointee == JPEGBlockPlane.edited { continue }
        let position = Int(positions[scan.block(scan.components[component], row, column)])
        var reader = JPEGBlockReader(bytes: bytes, position: position)
        guard meets(&reader) else { continue }
        if state.pointee == JPEGBlockPlane.undecoded { decode(component, row, column..<column + 1) }
        state.pointee = JPEGBlockPlane.edited
      }
    }
  }
}
