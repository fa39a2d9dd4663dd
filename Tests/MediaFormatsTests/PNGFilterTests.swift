import CImageIO
import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Filters of whole rows, and the choice between them.
@Suite struct PNGFilterTests {
  /// Bytes of a row and the one above: noise, steps of one level, and drawings, whose rows go on as they were.
  private static func rows(_ content: Int, count: Int, seed: Int) -> (row: [UInt8], above: [UInt8]) {
    var state = UInt32(truncatingIfNeeded: 7919 * seed + content + 1)
    func next() -> UInt32 {
      state = state &* 1_664_525 &+ 1_013_904_223
      return state >> 16
    }
    func byte(_ index: Int) -> UInt8 {
      switch content {
      case 0: UInt8(truncatingIfNeeded: next())
      case 1: UInt8(120 + next() % 3)
      case 2: next() % 50 == 0 ? UInt8(truncatingIfNeeded: next()) : 200
      default: 17
      }
    }
    return ((0..<count).map(byte), (0..<count).map(byte))
  }

  @Test(arguments: [1, 2, 3, 4, 6, 8], 0..<4) func unfilteringUndoesFiltering(_ unit: Int, _ content: Int) {
    for count in Array(unit...unit + 40) + [24 * unit, 97 * unit, 1000 * unit] {
      let (row, above) = Self.rows(content, count: count, seed: count)
      for type in UInt8(0)...4 {
        var (filtered, back) = ([UInt8](repeating: 0, count: count), [UInt8](repeating: 0, count: count))
        PNGFilter.filter(type, row, prior: above, into: &filtered, count: count, unit: unit)
        if type == 4 {
          for index in 0..<count {
            let (a, b, c) =
              index < unit
              ? (0, Int(above[index]), 0)
              : (Int(row[index - unit]), Int(above[index]), Int(above[index - unit]))
            let distances = [a, b, c].map { abs(a + b - c - $0) }
            let nearest =
              distances[0] <= min(distances[1], distances[2]) ? a : distances[1] <= distances[2] ? b : c
            #expect(filtered[index] == row[index] &- UInt8(nearest))
          }
        }
        back = filtered
        PNGFilter.unfilter(type, &back, prior: above, count: count, unit: unit)
        #expect(back == row, "type \(type), \(count) bytes of content \(content)")
      }
    }
  }

  /// Rows of one kind of content over another, of which one goes on where the other does not.
  @Test(arguments: [1, 2, 3, 4, 6, 8], 1...9) func rowsAtOnceAreAsOneByOne(_ unit: Int, _ rows: Int) {
    for count in Array(32 * unit...33 * unit + 3) + [1, 17, 41, 197].map({ $0 * unit }) {
      for mixture in 0..<8 {
        let contents = (0...rows).map { ($0 % 2 == 0 ? mixture / 2 : mixture + $0 / 2) % 4 }
        let raw = contents.enumerated().map { Self.rows($1, count: count, seed: count + $0).row }
        let stride = count + 3
        var filtered = [UInt8](repeating: 77, count: rows * stride)
        var expected = filtered
        for y in 0..<rows {
          var row = raw[y]
          PNGFilter.filter(4, raw[y + 1], prior: raw[y], into: &row, count: count, unit: unit)
          filtered.replaceSubrange(y * stride..<y * stride + count, with: row)
          expected.replaceSubrange(y * stride..<y * stride + count, with: raw[y + 1])
        }
        tm_unfilter_paeth(&filtered, raw[0], rows, stride, count, unit)
        #expect(filtered == expected, "\(rows) rows of \(count) bytes, mixture \(mixture)")
      }
    }
  }

  @Test(arguments: 0..<4, [UInt8(2), 3]) func theSmallerDifferencesAreChosen(_ content: Int, _ other: UInt8) {
    for seed in 0..<8 {
      let count = 300
      let (row, above) = Self.rows(content, count: count, seed: seed)
      var (out, spare, plain) = (row, row, row)
      let type = PNGFilter.filter(
        .either(other, 4), own: 1, row, prior: above, into: &out, spare: &spare, count: count, unit: 3)
      #expect(type == other || type == 4)
      func weight(_ bytes: [UInt8]) -> Int { bytes.reduce(0) { $0 + min(Int($1), 256 - Int($1)) } }
      PNGFilter.filter(type, row, prior: above, into: &plain, count: count, unit: 3)
      #expect(out == plain)
      PNGFilter.filter(other + 4 - type, row, prior: above, into: &plain, count: count, unit: 3)
      #expect(weight(out) <= weight(plain))
    }
  }

  /// Plain pictures, which have all rows filtered anew at once, changed by a level here and there.
  @Test(arguments: [0, 2, 4, 5], [(2, 440, 420), (6, 440, 420), (0, 90, 61), (2, 7, 5), (6, 1, 1)])
  func aPlainPictureChangedThroughoutKeepsItsPixels(
    _ filter: Int, _ kind: (type: Int, width: Int, height: Int)
  ) throws {
    let spec = PNGSpec(
      name: "plain", type: kind.type, filter: filter, width: kind.width, height: kind.height, content: "flat")
    let shop = try PNGWorkshop([spec])
    var written: Region?
    try PNGPackedFrameTests.visit(shop.source(spec.name), to: shop.result(spec.name)) {
      frame throws(MediaError) in
      let packed = try PNGPackedFrameTests.packed(frame)
      let channels = packed.packedChannels?.rawValue ?? 0
      for y in 0..<frame.size.height {
        try packed.editPackedRow(y) { row in
          for x in 0..<frame.size.width where (x / 4 * 37 + y / 4 * 101) % 7 < 3 {
            let sample = x * channels + min(1, channels - 1)
            row[sample] = row[sample] == 255 ? 254 : row[sample] + 1
          }
        }
      }
      written = try frame.readRegion(PNGPackedFrameTests.whole(frame))
    }
    var read: Region?
    try PNGPackedFrameTests.visit(shop.result(spec.name), to: shop.result("again")) {
      frame throws(MediaError) in
      read = try frame.readRegion(PNGPackedFrameTests.whole(frame))
    }
    #expect(read != nil && read == written)
  }

  /// Behind none of the rows a byte can be read.
  @Test(arguments: [3, 4]) func unfilteringReadsNothingBehindARow(_ unit: Int) throws {
    let page = Int(getpagesize())
    func guarded(_ rows: Int) throws -> UnsafeMutablePointer<UInt8> {
      let pages = try #require(
        mmap(nil, 2 * rows * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
      for row in 0..<rows { #expect(mprotect(pages + (2 * row + 1) * page, page, PROT_NONE) == 0) }
      return (pages + page).assumingMemoryBound(to: UInt8.self)
    }
    let (row, above) = (try guarded(5), try guarded(1))
    defer {
      munmap(row - page, 10 * page)
      munmap(above - page, 2 * page)
    }
    for count in stride(from: unit, through: 80 * unit, by: unit) {
      (row - count).update(repeating: 0, count: count)
      for type in UInt8(1)...4 {
        PNGFilter.unfilter(type, row - count, prior: above - count, count: count, unit: unit)
        #expect(UnsafeBufferPointer(start: row - count, count: count).allSatisfy { $0 == 0 })
      }
      for rows in 1...5 {
        // Not even, so that nothing is skipped.
        for y in 0..<rows { (row + (2 * y * page - count)).update(repeating: 1, count: count) }
        tm_unfilter_paeth(row - count, above - count, rows, 2 * page, count, unit)
        #expect(row[-1] == UInt8(truncatingIfNeeded: count / unit))
      }
    }
  }
}
