internal import CImageIO
internal import MediaCore

/// The scanlines of a picture in one buffer, filtered or raw: a band of rows of each pass is unfiltered in place
/// as far as it is asked for, edited, and filtered again. A row that did not change comes back as the same bytes.
final class PNGRaster {
  let header: PNGHeader
  let passes: [PNGPass]
  /// Every filter byte and scanline, pass after pass.
  let bytes: UnsafeMutableRawBufferPointer
  private let buffer: ScratchBuffer
  private let base: UnsafeMutablePointer<UInt8>
  private let noRow: [UInt8]
  // One worker has the raster: checks of exclusive access at every row took a percent of a run.
  /// The rows of each pass that are raw at present.
  @exclusivity(unchecked)
  private var raw: [Range<Int>]
  @exclusivity(unchecked)
  private var changed: [PNGRowSet]

  /// Takes the first `header.decodedBytes` of `buffer`, whose rows are filtered, or with `isRaw` not. Throws
  /// `malformed` for a filter type that PNG 9.2 does not define.
  init(_ header: PNGHeader, _ buffer: ScratchBuffer, isRaw: Bool = false) throws(MediaError) {
    self.header = header
    self.buffer = buffer
    passes = header.passes
    let size = passes.last?.byteRange.upperBound ?? 0
    guard let base = buffer.bytes.bindMemory(to: UInt8.self).baseAddress, size <= buffer.bytes.count else {
      throw MediaError(.internalFault, .decode, "raster buffer of \(buffer.bytes.count) bytes for \(size)")
    }
    self.base = base
    bytes = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<size])
    noRow = [UInt8](repeating: 0, count: passes.map(\.rowBytes).max() ?? 0)
    raw = passes.map { isRaw ? 0..<$0.height : 0..<0 }
    changed = passes.map { PNGRowSet(isRaw ? 0..<$0.height : 0..<0) }
    for pass in passes {
      for y in 0..<pass.height where base[pass.offset + y * pass.stride] > 4 {
        throw .png(
          "row \(y) of the image data has filter type \(base[pass.offset + y * pass.stride]); 0 … 4 are defined"
            + " (PNG 9.2)")
      }
    }
  }

  /// The bytes of row `y` of pass `pass` behind its filter byte.
  func row(_ y: Int, of pass: Int) -> UnsafeMutablePointer<UInt8> {
    base + (passes[pass].offset + y * passes[pass].stride + 1)
  }

  /// The filter type of a row.
  func filterType(_ y: Int, of pass: Int) -> UInt8 { row(y, of: pass)[-1] }

  /// Whether any row has changed.
  var hasChanged: Bool { changed.contains { !$0.isEmpty } }

  /// Makes `rows` of a pass raw. Decoding starts at the nearest row above that does not refer to its own above.
  func unfilter(_ rows: Range<Int>, of pass: Int) {
    guard !rows.isEmpty else { return }
    let done = raw[pass]
    if done.isEmpty {
      let start = independentRow(at: rows.lowerBound, of: pass)
      unfilterAll(start..<rows.upperBound, of: pass)
      raw[pass] = start..<rows.upperBound
      return
    }
    var start = done.lowerBound
    if rows.lowerBound < start {
      start = independentRow(at: rows.lowerBound, of: pass)
      unfilterAll(start..<done.lowerBound, of: pass)
    }
    let end = max(done.upperBound, rows.upperBound)
    unfilterAll(done.upperBound..<end, of: pass)
    raw[pass] = start..<end
  }

  /// Rows that are made raw together where they are asked for one by one.
  static let bandRows = 16

  /// Makes row `y` of the first pass raw, and if it was not yet, those that come next as well: two that wait for their left neighbours
  /// are unfiltered side by side.
  func unfilterBand(from y: Int) {
    guard !raw[0].contains(y) else { return }
    unfilter(y..<min(passes[0].height, y + Self.bandRows), of: 0)
  }

  /// Must be called before rows are edited: makes them raw together with the row below, whose filtered bytes
  /// refer to the last of them, and notes them as changed.
  func willChange(_ rows: Range<Int>, of pass: Int) {
    unfilter(rows.lowerBound..<min(passes[pass].height, rows.upperBound + 1), of: pass)
    changed[pass].insert(rows)
  }

  /// Filters all raw rows again as `choice` says. Returns the byte ranges of the
  /// filtered stream that may differ from before, ascending.
  func refilter(as choice: PNGFilterChoice = .own) -> [Range<Int>] {
    var dirty: [Range<Int>] = []
    withSpareRows(2) { spare in
      for pass in passes.indices {
        for y in raw[pass].reversed() { filterRow(y, of: pass, as: choice, spare) }
      }
    }
    for pass in passes.indices {
      raw[pass] = 0..<0
      for rows in changed[pass].ranges {
        let last = rows.upperBound - 1
        let reachesOn =
          last + 1 < passes[pass].height && !PNGFilter.isIndependent(filterType(last + 1, of: pass))
        let start = passes[pass].offset + rows.lowerBound * passes[pass].stride
        dirty.append(start..<passes[pass].offset + (last + (reachesOn ? 2 : 1)) * passes[pass].stride)
      }
    }
    return dirty
  }

  private func independentRow(at y: Int, of pass: Int) -> Int {
    var start = y
    while start > 0, !PNGFilter.isIndependent(filterType(start, of: pass)) { start -= 1 }
    return start
  }

  private func unfilterAll(_ rows: Range<Int>, of pass: Int) {
    let count = passes[pass].rowBytes
    let unit = header.filterUnit
    noRow.withUnsafeBufferPointer { noRow in
      guard let noRow = noRow.baseAddress else { return }
      var y = rows.lowerBound
      while y < rows.upperBound {
        let current = row(y, of: pass)
        let prior = y > 0 ? UnsafePointer(row(y - 1, of: pass)) : noRow
        var end = y + 1
        if current[-1] == 4 {
          while end < rows.upperBound, filterType(end, of: pass) == 4 { end += 1 }
          tm_unfilter_paeth(current, prior, end - y, passes[pass].stride, count, unit)
        } else {
          PNGFilter.unfilter(current[-1], current, prior: prior, count: count, unit: unit)
        }
        y = end
      }
    }
  }

  /// Room for `count` rows, one behind the other.
  private func withSpareRows(_ count: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Void) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, count * noRow.count)) {
      if let spare = $0.baseAddress { body(spare) }
    }
  }

  /// `spare` has room for two rows.
  private func filterRow(
    _ y: Int, of pass: Int, as choice: PNGFilterChoice, _ spare: UnsafeMutablePointer<UInt8>
  ) {
    let current = row(y, of: pass)
    if choice == .own, current[-1] == 0 { return }
    spare.update(from: current, count: passes[pass].rowBytes)
    filter(spare, y, of: pass, as: choice, into: current, spare + noRow.count)
  }

  /// Filters `raw`, the bytes of row `y`, into `target`, and puts the type before it; `spare` has room for a row.
  private func filter(
    _ raw: UnsafePointer<UInt8>, _ y: Int, of pass: Int, as choice: PNGFilterChoice,
    into target: UnsafeMutablePointer<UInt8>, _ spare: UnsafeMutablePointer<UInt8>
  ) {
    noRow.withUnsafeBufferPointer { noRow in
      guard let noRow = noRow.baseAddress else { return }
      let prior = y > 0 ? UnsafePointer(row(y - 1, of: pass)) : noRow
      target[-1] = PNGFilter.filter(
        choice, own: filterType(y, of: pass), raw, prior: prior, into: target, spare: spare,
        count: passes[pass].rowBytes, unit: header.filterUnit)
    }
  }

  /// The pass that holds most: of interlaced pictures the last, every other row.
  var largestPass: Int {
    passes.indices.max { passes[$0].byteRange.count < passes[$1].byteRange.count } ?? 0
  }

  /// Copies `rows` of `pass`, which must be raw, to `target` as `choice` filters them.
  func copy(
    _ rows: Range<Int>, of pass: Int, as choice: PNGFilterChoice, to target: UnsafeMutablePointer<UInt8>
  ) {
    let stride = passes[pass].stride
    withSpareRows(1) { spare in
      for (index, y) in rows.enumerated() {
        filter(row(y, of: pass), y, of: pass, as: choice, into: target + (index * stride + 1), spare)
      }
    }
  }

  /// Whether hardly any row is as it was, and all of them are raw.
  var isRawThroughout: Bool {
    let bytes = zip(passes, changed).reduce(0) { sum, pass in
      sum + pass.1.ranges.reduce(0) { $0 + $1.count } * pass.0.stride
    }
    return 10 * bytes > 9 * self.bytes.count && zip(passes, raw).allSatisfy { $1 == 0..<$0.height }
  }
}

/// A set of rows as ascending ranges that do not touch.
struct PNGRowSet {
  private(set) var ranges: [Range<Int>]

  init(_ rows: Range<Int>) { ranges = rows.isEmpty ? [] : [rows] }

  var isEmpty: Bool { ranges.isEmpty }

  mutating func insert(_ rows: Range<Int>) {
    guard !rows.isEmpty else { return }
    // Rows mostly come in order: those that go on where a range ends, and reach no other, make it longer.
    if let index = ranges.firstIndex(where: {
      $0.lowerBound <= rows.lowerBound && rows.lowerBound <= $0.upperBound
    }), index + 1 == ranges.count || rows.upperBound < ranges[index + 1].lowerBound {
      ranges[index] = ranges[index].lowerBound..<max(ranges[index].upperBound, rows.upperBound)
      return
    }
    var merged = rows
    var others: [Range<Int>] = []
    for range in ranges {
      if range.upperBound < merged.lowerBound || merged.upperBound < range.lowerBound {
        others.append(range)
      } else {
        merged = min(range.lowerBound, merged.lowerBound)..<max(range.upperBound, merged.upperBound)
      }
    }
    let place = others.firstIndex { $0.lowerBound > merged.lowerBound } ?? others.count
    others.insert(merged, at: place)
    ranges = others
  }
}
