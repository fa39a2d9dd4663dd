import CImageIO
import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Blocks found by the walk over a scan, judged by libjpeg's reading of the same file.
@Suite struct JPEGScanTests {
  /// What one coder reads differently from the other; nil when `JPEGScanBlocks` leaves the file to libjpeg.
  private struct Pair {
    let scan: JPEGScanBlocks?
    let library: JPEGLibraryBlocks?
    let refusal: String
    let structure: JPEGStructure
    let layout: JPEGLayout

    init(_ shop: JPEGWorkshop, _ name: String, decoding: JPEGScanBlocks.Decoding) throws {
      let input = try InputFile(path: shop.file(name))
      let scratch = Scratch()
      structure = try JPEGStructure(input, limits: Limits())
      let source = try input.contents(limits: Limits(), scratch: scratch)
      scan = JPEGScanBlocks(structure, source, decoding: decoding, scratch)
      do throws(MediaError) {
        (library, refusal) = (try JPEGLibraryBlocks(source), "")
      } catch { (library, refusal) = (nil, error.message) }
      layout = JPEGLayout(structure, [], source.bytes)
    }
  }

  /// All coefficients, component by component.
  private func coefficients(_ blocks: any JPEGBlocks, components: Int) throws -> [[Int16]] {
    try (0..<components).map { index in
      let component = blocks.component(index)
      let columns = Int(component.width_in_blocks)
      var all: [Int16] = []
      for row in 0..<Int(component.height_in_blocks) {
        let line = try blocks.blocks(of: index, row: row, columns: 0..<columns)
        all += UnsafeBufferPointer(start: line, count: 64 * columns)
      }
      return all
    }
  }

  private static let sequential = JPEGWorkshop.recipes.filter { $0.coding.hasPrefix("baseline") }

  @Test(arguments: sequential, [JPEGScanBlocks.Decoding.none, .first, .all])
  func readsWhatLibjpegReads(_ recipe: JPEGWorkshop.Recipe, _ decoding: JPEGScanBlocks.Decoding) throws {
    let shop = try JPEGWorkshop()
    for size in ["173x149", "33x7", "8x8"] {
      try shop.make(recipe, size: size)
      let pair = try Pair(shop, "in.jpg", decoding: decoding)
      let (scan, library) = (try #require(pair.scan), try #require(pair.library))
      let count = pair.structure.header.components.count
      for index in 0..<count {
        let (a, b) = (scan.component(index), library.component(index))
        #expect(a.width_in_blocks == b.width_in_blocks && a.height_in_blocks == b.height_in_blocks)
        #expect(a.horizontal == b.horizontal && a.vertical == b.vertical)
        let isSame = withUnsafeBytes(of: a.quantization) { a in
          withUnsafeBytes(of: b.quantization) { b in a.elementsEqual(b) }
        }
        #expect(isSame)
      }
      let isSame = try coefficients(scan, components: count) == coefficients(library, components: count)
      #expect(isSame, "\(recipe) \(size)")
    }
  }

  /// Those that were edited, those that were only read, and those that are not decoded.
  @Test(arguments: sequential) func firstCoefficientsAreThoseOfTheBlocks(_ recipe: JPEGWorkshop.Recipe) throws
  {
    let shop = try JPEGWorkshop()
    for size in ["173x149", "33x7"] {
      try shop.make(recipe, size: size)
      let pair = try Pair(shop, "in.jpg", decoding: .none)
      let scan = try #require(pair.scan)
      for index in pair.structure.header.components.indices {
        let columns = Int(scan.component(index).width_in_blocks)
        for row in 0..<Int(scan.component(index).height_in_blocks) {
          let edited =
            row % 2 == 0 ? [UInt8](repeating: 0, count: columns) : (0..<columns).map { UInt8($0 % 2) }
          if row % 3 != 0 {
            let blocks = try scan.blocks(of: index, row: row, columns: 0..<columns)
            for column in 0..<columns where edited[column] != 0 { blocks[64 * column] &+= 5 }
            _ = scan.noteEdits(component: index, row: row, edited, columns: columns)
          }
          var first = [Int16](repeating: 0, count: columns)
          scan.readFirst(of: index, row: row, columns: columns, into: &first)
          let blocks = try scan.blocks(of: index, row: row, columns: 0..<columns)
          #expect(first == (0..<columns).map { blocks[64 * $0] }, "\(recipe) \(size) \(index) \(row)")
        }
      }
    }
  }

  /// Edits blocks here and there; the file must hold these and no other change, and where the tables suffice every header too.
  @Test(arguments: sequential) func writesWhatWasEditedAndNothingElse(_ recipe: JPEGWorkshop.Recipe) throws {
    let shop = try JPEGWorkshop()
    var random = SplitMix64(state: 7)
    for (size, share) in [("173x149", 0.02), ("173x149", 1), ("64x48", 0.3), ("8x8", 1)] {
      try shop.make(recipe, size: size)
      let pair = try Pair(shop, "in.jpg", decoding: .none)
      let count = pair.structure.header.components.count
      let scan = try #require(pair.scan)
      var expected = try coefficients(try #require(pair.library), components: count)
      for index in 0..<count {
        let columns = Int(scan.component(index).width_in_blocks)
        for row in 0..<Int(scan.component(index).height_in_blocks) {
          for column in 0..<columns where Double.random(in: 0..<1, using: &random) < share {
            let line = try scan.blocks(of: index, row: row, columns: column..<column + 1)
            let block = line + 64 * column
            for _ in 0...Int.random(in: 0..<12, using: &random) {
              let reach: ClosedRange<Int16> = Bool.random(using: &random) ? -3...3 : -1023...1023
              block[Int.random(in: 0..<64, using: &random)] = Int16.random(in: reach, using: &random)
            }
            scan.noteEdit(of: block, component: index, row: row, column: column)
            for k in 0..<64 { expected[index][64 * (row * columns + column) + k] = block[k] }
          }
        }
      }
      let output = try OutputFile(path: shop.file("out.jpg"))
      let coded = try scan.encode()
      // A few edits never cost a coding of the whole picture, whatever its tables.
      if case .stream = coded, share < 0.1 { Issue.record("\(recipe) \(size) was coded by libjpeg") }
      try JPEGWriter(layout: pair.layout, edits: JPEGSegmentEdits()).write(coded, to: output)
      try output.commit(.rename)
      let after = try Pair(shop, "out.jpg", decoding: .all)
      let isRead = try coefficients(try #require(after.library), components: count) == expected
      #expect(isRead, "\(recipe) \(size) \(share)")
      let isReadByUs = try coefficients(try #require(after.scan), components: count) == expected
      #expect(isReadByUs, "\(recipe) \(size) \(share)")
    }
  }

  /// Whatever is wrong with a file: what the walk accepts, libjpeg accepts and reads alike.
  @Test(arguments: sequential) func acceptsNothingThatLibjpegRefuses(_ recipe: JPEGWorkshop.Recipe) throws {
    let shop = try JPEGWorkshop()
    try shop.make(recipe, size: "64x48")
    let whole = try shop.bytes("in.jpg")
    var random = SplitMix64(state: 5)
    var accepted = 0
    for round in 0..<600 {
      var bytes = whole
      if round % 10 == 0 { bytes.removeLast(Int.random(in: 1..<200, using: &random)) }
      for _ in 0...Int.random(in: 0..<3, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      }
      try shop.write("in.jpg", bytes)
      guard let pair = try? Pair(shop, "in.jpg", decoding: .first), let scan = pair.scan else { continue }
      accepted += 1
      let count = pair.structure.header.components.count
      guard let library = pair.library else {
        Issue.record("\(recipe), round \(round): libjpeg refuses what was read: \(pair.refusal)")
        continue
      }
      let isSame = try coefficients(scan, components: count) == coefficients(library, components: count)
      #expect(isSame, "\(recipe), round \(round)")
    }
    #expect(accepted > 20)
  }
}

/// Codes and bits against their definitions.
@Suite struct JPEGCodingTests {
  /// Codes of 1 to 16 bits, as T.81 C.2 lists them.
  @Test func everyCodeIsReadAndWritten() throws {
    let counts = [UInt8](repeating: 1, count: 16)
    // 0x0B has eleven bits of value, which no coefficient of 8-bit samples needs.
    let symbols: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x11, 0x21, 0x0B, 0x3A, 0xF1, 0x51]
    let table = try #require(JPEGHuffmanTable(id: 0x10, counts: counts[...], symbols: symbols[...]))
    for (index, symbol) in symbols.enumerated() {
      // Each code is ones with a zero behind them.
      let length = index + 1
      let code = (1 << length) - 2
      let size = Int(symbol & 15)
      let entry = table.lookup.entry(UInt64(code) << UInt64(64 - length))
      let other = table.lookup.entry(UInt64(code) << UInt64(64 - length) | (1 << UInt64(64 - length)) - 1)
      guard size <= 10 else {
        #expect(entry == 0 && table.lookup.code(Int(symbol)) == 0)
        continue
      }
      #expect(entry == other)
      #expect(
        Int(entry & 0xFF) == length + size && Int(entry >> 16 & 0xFF) == length && Int(entry >> 24) == size)
      #expect(Int(entry >> 8 & 0xFF) == Int(symbol >> 4) + 1)
      #expect(table.lookup.code(Int(symbol)) == UInt32(code << 8 | length))
    }
    #expect(table.lookup.entry(.max) == 0)
  }

  @Test func tablesThatAreNoneAreRefused() {
    let (none, one) = ([UInt8](repeating: 0, count: 16), [UInt8](repeating: 1, count: 16))
    #expect(JPEGHuffmanTable(id: 0, counts: [3] + none[1...], symbols: [1, 2, 3]) == nil)
    #expect(JPEGHuffmanTable(id: 0, counts: one[...], symbols: [1, 2, 3]) == nil)
    #expect(JPEGHuffmanTable(id: 0, counts: [2] + none[1...], symbols: [1, 2]) == nil)
    #expect(JPEGHuffmanTable(id: 0, counts: [1] + none[1...], symbols: [16]) == nil)
    #expect(JPEGHuffmanTable(id: 0, counts: one[1...], symbols: one[1...]) == nil)
  }

  /// Tables with room behind the last code and without, as encoders make them: what had a code of fewer than 16 bits keeps it,
  /// but for few, and everything has one.
  @Test(
    arguments: [
      [0, 2, 3, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], [0, 3, 0, 2, 3, 0, 2, 2, 2, 2, 2, 2, 3, 0, 3, 0],
      [0, 1, 4, 0, 5, 4, 1, 2, 5, 2, 4, 4, 4, 5, 2, 7], [0, 1, 4, 1, 3, 2, 5, 2, 4, 2, 6, 6, 8, 2, 0, 23],
      [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D],
    ] as [[UInt8]]) func anExtendedTableHasACodeForEverySymbol(_ counts: [UInt8]) throws
  {
    var all: [UInt8] = [0, 0xF0]
    for run in UInt8(0)..<16 { for size in UInt8(1)...10 { all.append(run << 4 | size) } }
    let total = counts.reduce(0) { $0 + Int($1) }
    for missing in [1, 2, 5, 40] where total + missing <= all.count {
      let symbols = all[..<total]
      let table = try #require(JPEGHuffmanTable(id: 0x10, counts: counts[...], symbols: symbols))
      let new = Set(all[total..<total + missing])
      let (extended, moved) = try #require(table.extended(by: new))
      for symbol in symbols {
        let (old, now) = (table.lookup.code(Int(symbol)), extended.lookup.code(Int(symbol)))
        #expect(now != 0 && (old == now) != moved.contains(symbol))
      }
      #expect(new.allSatisfy { extended.lookup.code(Int($0)) & 0xFF > 0 })
      #expect(moved.count <= missing)
      // Read back through its own codes.
      for symbol in Array(symbols) + new {
        let code = extended.lookup.code(Int(symbol))
        let length = UInt64(code & 0xFF)
        let entry = extended.lookup.entry(UInt64(code >> 8) << (64 - length))
        #expect(entry >> 24 == UInt32(symbol & 15) && entry >> 16 & 0xFF == code & 0xFF)
      }
    }
  }

  @Test func bitsComeOutAsTheyWentIn() throws {
    var random = SplitMix64(state: 3)
    var writer = try #require(JPEGBitWriter(capacity: 16, Scratch()))
    var expected: [Bool] = []
    for _ in 0..<4000 {
      let count = Int.random(in: 1...56, using: &random)
      let isOnes = Int.random(in: 0..<4, using: &random) == 0
      let bits = isOnes ? (1 << UInt64(count)) - 1 : UInt64.random(in: 0..<1 << UInt64(count), using: &random)
      let hasRoom = writer.reserve(JPEGBitWriter.blockBytes)
      #expect(hasRoom)
      writer.put(bits, count)
      expected += (0..<count).reversed().map { bits >> UInt64($0) & 1 == 1 }
    }
    writer.flush()
    expected += [Bool](repeating: true, count: (8 - expected.count % 8) % 8)
    let finished = try #require(writer.finish())
    let stuffed = [UInt8](finished.buffer.bytes[..<finished.count])
    var bytes: [UInt8] = []
    var isStuffing = false
    for byte in stuffed {
      if isStuffing { #expect(byte == 0) } else { bytes.append(byte) }
      isStuffing = byte == 0xFF && !isStuffing
    }
    let bits: [Bool] = bytes.flatMap { byte in (0..<8).reversed().map { byte >> UInt8($0) & 1 == 1 } }
    let isSame = bits == expected
    #expect(isSame)
  }

  /// Blocks of all kinds through tables of all kinds: the loops in C against codes and values put together by hand.
  @Test(arguments: [0, 1, 2] as [UInt64])
  func blocksAreCodedAsTheStandardSays(_ seed: UInt64) throws {
    var random = SplitMix64(state: seed + 40)
    var symbols: [UInt8] = [0, 0xF0]
    for run in UInt8(0)..<16 { symbols += (UInt8(1)...10).map { size in run << 4 | size } }
    // Codes of 3 to 12 bits, or nearly all of 8, or of 16.
    let counts: [[UInt8]] = [
      [0, 0, 2, 3, 5, 6, 8, 12, 20, 30, 40, 36, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 162, 0, 0, 0, 0, 0, 0, 0, 0],
      [0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 155],
    ]
    if seed > 0 { symbols.shuffle(using: &random) }
    let table = try #require(
      JPEGHuffmanTable(id: 0x10, counts: counts[Int(seed)][...], symbols: symbols[...]))
    let firsts = try #require(
      JPEGHuffmanTable(
        id: 0, counts: [0, 0, 0, 12] + [UInt8](repeating: 0, count: 12), symbols: ArraySlice(0..<12)))
    var (blocks, expected, before) = ([[Int16]](), [Bool](), 0)
    for _ in 0..<600 {
      var block = [Int16](repeating: 0, count: 64)
      for _ in 0..<Int.random(in: 0..<64, using: &random) {
        let size = Int.random(in: 0..<10, using: &random) % Int.random(in: 1...10, using: &random)
        let most = (2 << size) - 1
        let place = Int.random(in: 1..<64, using: &random)
        block[place] = Int16(Int.random(in: -most...most, using: &random))
      }
      block[0] = Int16.random(in: -1023...1023, using: &random)
      expected += bits(of: Int(block[0]) - before, firsts) + bits(of: block, table)
      before = Int(block[0])
      blocks.append(block)
    }
    let plain = try spliced(blocks, firsts, table)
    let written: [Bool] = plain.flatMap { byte in (0..<8).reversed().map { byte >> UInt8($0) & 1 == 1 } }
    #expect(Array(written.prefix(expected.count)) == expected)
    for isDecoded in [true, false] {
      let walked = try walk(plain, blocks.count, firsts, table, isDecoded: isDecoded)
      #expect(walked.end == expected.count)
      #expect(walked.firsts == blocks.map { $0[0] })
      if isDecoded { #expect(walked.blocks == blocks) }
    }
  }

  /// A scan of one row of blocks of one component, all of them coded anew.
  private func spliced(
    _ blocks: [[Int16]], _ dc: JPEGHuffmanTable, _ ac: JPEGHuffmanTable
  ) throws -> [UInt8] {
    var writer = try #require(JPEGBitWriter(capacity: 16, Scratch()))
    var coefficients = blocks.flatMap { $0 }
    var states = [UInt8](repeating: JPEGBlockPlane.edited, count: blocks.count)
    var state = tm_splice()
    let isWritten = withScan(of: blocks.count, [0], dc, ac, &coefficients, &states, isDecoded: false) {
      scan, _ in
      writer.splice(scan, &state, until: blocks.count)
    }
    #expect(isWritten == true)
    writer.flush()
    let finished = try #require(writer.finish())
    let bytes = [UInt8](finished.buffer.bytes[..<finished.count])
    return bytes.indices.filter { $0 == 0 || bytes[$0] != 0 || bytes[$0 - 1] != 0xFF }.map { bytes[$0] }
  }

  private func walk(
    _ bytes: [UInt8], _ count: Int, _ dc: JPEGHuffmanTable, _ ac: JPEGHuffmanTable, isDecoded: Bool
  ) throws -> (end: Int, firsts: [Int16], blocks: [[Int16]]) {
    var coefficients = [Int16](repeating: 7, count: 64 * count)
    var states = [UInt8](repeating: JPEGBlockPlane.undecoded, count: count)
    let walked = withScan(of: count, bytes, dc, ac, &coefficients, &states, isDecoded: isDecoded) {
      scan, firsts in
      let end = tm_scan_walk(scan, 0, Int64(count), 0, Int64(8 * bytes.count))
      return (Int(end), Array(firsts))
    }
    let found = try #require(walked)
    return (found.0, found.1, (0..<count).map { Array(coefficients[64 * $0..<64 * $0 + 64]) })
  }

  private func withScan<Result>(
    of count: Int, _ bytes: [UInt8], _ dc: JPEGHuffmanTable, _ ac: JPEGHuffmanTable,
    _ coefficients: inout [Int16], _ states: inout [UInt8], isDecoded: Bool,
    _ body: (UnsafePointer<tm_scan>, UnsafeBufferPointer<Int16>) -> Result
  ) -> Result? {
    var positions = [UInt32](repeating: 0, count: count + 1)
    var firsts = [Int16](repeating: 0, count: count)
    let padded = bytes + [UInt8](repeating: 0, count: 512)
    return coefficients.withUnsafeMutableBufferPointer { coefficients in
      states.withUnsafeMutableBufferPointer { states in
        positions.withUnsafeMutableBufferPointer { positions in
          firsts.withUnsafeMutableBufferPointer { firsts in
            padded.withUnsafeBufferPointer { padded in
              var part = tm_scan_part(
                dc: dc.lookup.kernel, ac: ac.lookup.kernel, new_dc: dc.lookup.kernel,
                new_ac: ac.lookup.kernel,
                coefficients: coefficients.baseAddress, states: states.baseAddress, columns: Int64(count),
                rows: 1,
                horizontal: 1, vertical: 1, column: 0, row: 0, component: 0, is_decoded: isDecoded ? 1 : 0)
              return withUnsafePointer(to: &part) { part in
                JPEGZigzag.withPointers { order in
                  var scan = tm_scan(
                    parts: part, part_count: 1, mcu_columns: Int64(count), bytes: padded.baseAddress,
                    order: order.natural, rows: order.rows, positions: positions.baseAddress,
                    first: firsts.baseAddress)
                  return body(&scan, UnsafeBufferPointer(firsts))
                }
              }
            }
          }
        }
      }
    }
  }

  /// The code of a difference of first coefficients (T.81 F.1.2.1), bit by bit.
  private func bits(of difference: Int, _ table: JPEGHuffmanTable) -> [Bool] {
    func bits(_ value: Int, _ count: Int) -> [Bool] { (0..<count).reversed().map { value >> $0 & 1 == 1 } }
    let size = JPEGBitWriter.size(difference)
    let code = Int(table.lookup.code(size))
    return bits(code >> 8, code & 0xFF)
      + bits(difference < 0 ? difference + (1 << size) - 1 : difference, size)
  }

  /// The codes of a block's coefficients but the first (T.81 F.1.2.2), bit by bit.
  private func bits(of block: [Int16], _ table: JPEGHuffmanTable) -> [Bool] {
    func bits(_ value: Int, _ count: Int) -> [Bool] { (0..<count).reversed().map { value >> $0 & 1 == 1 } }
    func code(_ symbol: Int) -> [Bool] {
      let code = Int(table.lookup.code(symbol))
      return bits(code >> 8, code & 0xFF)
    }
    var (result, run) = ([Bool](), 0)
    for place in JPEGZigzag.order.dropFirst() {
      let value = Int(block[Int(place)])
      guard value != 0 else {
        run += 1
        continue
      }
      while run > 15 {
        result += code(0xF0)
        run -= 16
      }
      let size = Int.bitWidth - value.magnitude.leadingZeroBitCount
      let positive = value < 0 ? value + (1 << size) - 1 : value
      result += code(run << 4 | size)
      result += bits(positive, size)
      run = 0
    }
    return run > 0 ? result + code(0) : result
  }

  @Test func zigzagIsThatOfTheStandard() {
    #expect(JPEGZigzag.order.prefix(12) == [0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25])
    #expect(JPEGZigzag.order.suffix(4) == [47, 55, 62, 63])
    #expect(Set(JPEGZigzag.order) == Set(0..<64))
    var random = SplitMix64(state: 1)
    for _ in 0..<200 {
      var block = [Int16](repeating: 0, count: 64)
      for _ in 0..<Int.random(in: 0..<40, using: &random) {
        block[Int.random(in: 0..<64, using: &random)] =
          [-32768, -256, -1, 1, 256, 32767].randomElement(using: &random) ?? 1
      }
      let coded = JPEGZigzag.withPointers { $0.codedOrder(of: tm_block_nonzero(block)) }
      let expected = (0..<64).reduce(UInt64(0)) {
        $0 | (block[Int(JPEGZigzag.order[$1])] != 0 ? 1 << UInt64($1) : 0)
      }
      #expect(coded == expected)
    }
  }
}
