@testable import MediaFormats

/// An AVI file taken apart and put together in another layout, and a check of its indexes, without the code under test.
struct AVILayout {
  typealias Chunk = (id: [UInt8], data: [UInt8], flags: UInt32)

  private var header: [UInt8] = []
  var chunks: [Chunk] = []

  /// Takes apart what ffmpeg wrote: one `movi` with `idx1`.
  init(_ bytes: [UInt8]) {
    var flags: [UInt32] = []
    Self.walk(bytes, 12..<bytes.count) { id, data in
      switch (id, bytes[data].prefix(4).elementsEqual("movi".utf8)) {
      case ("LIST", false): if header.isEmpty { header = Self.bare(bytes, data.dropFirst(4)) }
      case ("LIST", true):
        Self.walk(bytes, data.dropFirst(4)) { id, data in
          chunks.append((Array(id.utf8), Array(bytes[data]), 0))
        }
      case ("idx1", _):
        flags = stride(from: data.lowerBound, to: data.upperBound, by: 16).map { Self.word(bytes, $0 + 4) }
      default: break
      }
    }
    for index in flags.indices where index < chunks.count { chunks[index].flags = flags[index] }
  }

  static func word(_ bytes: [UInt8], _ place: Int) -> UInt32 {
    bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  static func walk(_ bytes: [UInt8], _ range: Range<Int>, _ body: (String, Range<Int>) -> Void) {
    var offset = range.lowerBound
    while offset + 8 <= range.upperBound {
      let size = Int(word(bytes, offset + 4))
      guard size <= range.upperBound - offset - 8 else { return body("?", offset..<offset) }
      body(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), offset + 8..<offset + 8 + size)
      offset += 8 + size + size % 2
    }
  }

  /// Headers without filling and without indexes.
  private static func bare(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8] {
    var result: [UInt8] = []
    walk(bytes, range) { id, data in
      if id == "LIST", bytes[data].starts(with: "strl".utf8) {
        result += list("strl", bare(bytes, data.dropFirst(4)))
      } else if ["avih", "strh", "strf"].contains(id) {
        result += IFFChunk.riff(id, Array(bytes[data]))
      }
    }
    return result
  }

  private static func list(_ type: String, _ data: [UInt8]) -> [UInt8] {
    IFFChunk.riff("LIST", Array(type.utf8) + data)
  }

  private static func words(_ values: Int...) -> [UInt8] {
    values.flatMap { UInt32(truncatingIfNeeded: $0).littleEndianBytes }
  }

  /// With `idx1` from the beginning of the file or of `movi`, and `perRecord` chunks in a list each.
  func plain(isAbsolute: Bool, perRecord: Int? = nil) -> [UInt8] {
    let head = Self.list("hdrl", header)
    let base = isAbsolute ? 12 + head.count + 8 : 0
    var (movie, index): ([UInt8], [UInt8]) = ([], [])
    func entry(_ chunk: Chunk, _ place: Int) -> [UInt8] {
      chunk.id + Self.words(Int(chunk.flags), base + place, chunk.data.count)
    }
    var next = 0
    while next < chunks.count {
      let group = chunks[next..<min(chunks.count, next + (perRecord ?? 1))]
      next += group.count
      var body: [UInt8] = []
      var entries: [UInt8] = []
      let start = 4 + movie.count + (perRecord == nil ? 0 : 12)
      for chunk in group {
        entries += entry(chunk, start + body.count)
        body += IFFChunk.riff(String(decoding: chunk.id, as: UTF8.self), chunk.data)
      }
      if perRecord != nil {
        index += Array("rec ".utf8) + Self.words(1, base + 4 + movie.count, body.count + 4)
        body = Self.list("rec ", body)
      }
      index += entries
      movie += body
    }
    let whole = head + Self.list("movi", movie) + IFFChunk.riff("idx1", index)
    return IFFChunk.riff("RIFF", Array("AVI ".utf8) + whole)
  }

  /// In two segments with an index of each stream's chunks in each (OpenDML).
  func segmented(isBaseZero: Bool) -> [UInt8] {
    var places: [[Int]] = [[0, 0], [0, 0]]
    var result: [UInt8] = []
    // The second time the places of the first are known.
    for _ in 0..<2 { (result, places) = segments(places, isBaseZero) }
    return result
  }

  private func segments(_ places: [[Int]], _ isBaseZero: Bool) -> ([UInt8], [[Int]]) {
    var result: [UInt8] = []
    var found: [[Int]] = [[], []]
    for (number, group) in [chunks[..<(chunks.count / 2)], chunks[(chunks.count / 2)...]].enumerated() {
      let head = number == 0 ? Self.list("hdrl", indexed(places)) : []
      let start = result.count + 12 + head.count + 8
      var movie: [UInt8] = []
      var entries: [[UInt8]] = [[], []]
      let base = isBaseZero ? 0 : start
      for chunk in group {
        let size = chunk.data.count | (chunk.flags & 0x10 == 0 ? 1 << 31 : 0)
        entries[Int(chunk.id[1] & 1)] += Self.words(start + 4 + movie.count + 8 - base, size)
        movie += IFFChunk.riff(String(decoding: chunk.id, as: UTF8.self), chunk.data)
      }
      for stream in 0..<2 {
        found[stream].append(start + 4 + movie.count)
        let id = Array((stream == 0 ? "00dc" : "01wb").utf8)
        movie += IFFChunk.riff(
          "ix0\(stream)",
          [2, 0, 0, 1] + Self.words(entries[stream].count / 8) + id + UInt64(base).littleEndianBytes
            + Self.words(0) + entries[stream])
      }
      let type = Array((number == 0 ? "AVI " : "AVIX").utf8)
      result += IFFChunk.riff("RIFF", type + head + Self.list("movi", movie))
    }
    return (result, found)
  }

  private func indexed(_ places: [[Int]]) -> [UInt8] {
    var result: [UInt8] = []
    var stream = 0
    Self.walk(header, 0..<header.count) { id, data in
      guard id == "LIST" else { return result += IFFChunk.riff(id, Array(header[data])) }
      let entries = places[stream].flatMap { UInt64($0).littleEndianBytes + Self.words(0, 0) }
      let index =
        [4, 0, 0, 0] + Self.words(2) + Array((stream == 0 ? "00dc" : "01wb").utf8) + Self.words(0, 0, 0)
        + entries
      result += Self.list("strl", header[data].dropFirst(4) + IFFChunk.riff("indx", index))
      stream += 1
    }
    return result
  }

  /// How many entries of `idx1` and of `ix##` name a chunk of their size with the right key flag, and those that do not.
  static func entries(_ bytes: [UInt8], isKey: (ArraySlice<UInt8>) -> Bool) -> (right: Int, wrong: [String]) {
    var (right, wrong): (Int, [String]) = (0, [])
    var movies: [Int] = []
    func judge(_ id: [UInt8], _ place: Int, _ size: Int, _ key: Bool, _ what: String) {
      let isThere = place >= 0 && place + 8 <= bytes.count && word(bytes, place + 4) == size
      let name = isThere ? Array(bytes[place..<place + 4]) : []
      let isRight =
        id == Array("rec ".utf8)
        ? name == Array("LIST".utf8)
        : name == id && (id[1] != 0x30 || key == isKey(bytes[place + 8..<place + 8 + size]))
      if isRight { right += 1 } else { wrong.append("\(what) \(place) \(size) \(key)") }
    }
    func visit(_ range: Range<Int>) {
      walk(bytes, range) { id, data in
        switch id {
        case "?": wrong.append("no whole chunk at \(data.lowerBound)")
        case "RIFF", "LIST":
          if bytes[data].starts(with: "movi".utf8) { movies.append(data.lowerBound) }
          visit(data.dropFirst(4))
        case "idx1":
          let first = Int(word(bytes, data.lowerBound + 8))
          let isAbsolute = first >= movies[0]
          for entry in stride(from: data.lowerBound, to: data.upperBound, by: 16) {
            let place = Int(word(bytes, entry + 8)) + (isAbsolute ? 0 : movies[0])
            let key = word(bytes, entry + 4) & 0x10 != 0
            judge(Array(bytes[entry..<entry + 4]), place, Int(word(bytes, entry + 12)), key, "idx1")
          }
        case "ix00", "ix01":
          let base = Int(word(bytes, data.lowerBound + 12))
          for entry in stride(from: data.lowerBound + 24, to: data.upperBound, by: 8) {
            let size = word(bytes, entry + 4)
            let place = base + Int(word(bytes, entry)) - 8
            judge(
              Array(bytes[data.lowerBound + 8..<data.lowerBound + 12]), place, Int(size & 0x7FFF_FFFF),
              size >> 31 == 0, id)
          }
        default: break
        }
      }
    }
    visit(0..<bytes.count)
    return (right, wrong)
  }
}
