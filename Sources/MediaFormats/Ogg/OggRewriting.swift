internal import MediaCore

/// Comment headers written anew. As long as a header takes as many pages as before, only these pages change and all
/// else is copied by the system. When it takes more or fewer, all later pages of the stream are numbered anew, in one
/// pass over its link in bounded memory.
struct OggRewriting {
  private struct Home: Hashable {
    let link: Int
    let serial: UInt32
  }

  private let input: InputFile
  private let reader: HeaderReader
  /// By offset of a page what stands in its place.
  private var pages: [Int: (end: Int, bytes: [UInt8])] = [:]
  /// By how much the sequence numbers of a stream's later pages change.
  private var shifts: [Home: UInt32] = [:]

  /// Whether nothing is to be changed.
  var isEmpty: Bool { pages.isEmpty }

  init(_ input: InputFile) {
    self.input = input
    reader = HeaderReader(input, windowBytes: 1 << 17)
  }

  /// Puts `packet` in the place of the comments of `stream`. Throws `unsupported` where the comments do not begin a
  /// page of their own or share pages with sound.
  mutating func replaceComments(
    of stream: OggStream, with packet: [UInt8], limits: Limits
  ) throws(MediaError) {
    let region = try OggHeaderPages(of: stream, reader, limits: limits)
    let new = region.pages(with: packet)
    let kept = min(new.count, region.pages.count)
    for (index, page) in region.pages.enumerated() {
      // The last of the old pages takes all that are new.
      let isLast = index == region.pages.count - 1
      let bytes = index >= kept ? [] : isLast ? Array(new[index...].joined()) : new[index]
      pages[page.offset] = (page.end, bytes)
    }
    if new.count != region.pages.count {
      shifts[Home(link: stream.link, serial: stream.serial)] =
        UInt32(truncatingIfNeeded: new.count - region.pages.count)
    }
  }

  /// Writes the file.
  func write(to output: OutputFile) throws(MediaError) {
    guard !shifts.isEmpty else {
      var edits = ByteEdits()
      for (offset, page) in pages { try edits.replace(offset..<page.end, with: page.bytes) }
      return try edits.write(input, to: output)
    }
    let first = pages.keys.min() ?? 0
    let lastLink = shifts.keys.map(\.link).max() ?? 0
    let lastPage = pages.keys.max() ?? 0
    var pending = 0
    var walk = OggWalk(reader)
    var seen: [Home: Bool] = [:]
    while let page = try walk.next() {
      guard walk.link <= lastLink || page.offset <= lastPage else { break }
      let home = Home(link: walk.link, serial: page.serial)
      guard page.offset >= first else { continue }
      if let new = pages[page.offset] {
        try copy(pending..<page.offset, to: output)
        try output.write(new.bytes)
        pending = new.end
        seen[home] = true
      } else if let shift = shifts[home], seen[home] == true {
        try copy(pending..<page.offset, to: output)
        try output.write(page.renumbered(try page.bytes(reader), to: page.sequence &+ shift))
        pending = min(page.end, reader.size)
      }
    }
    try output.copy(pending..<input.size, of: input)
  }

  /// Copies what stands between changed pages: by the system where it is much.
  private func copy(_ range: Range<Int>, to output: OutputFile) throws(MediaError) {
    guard range.count < 1 << 17 else { return try output.copy(range, of: input) }
    try output.write(try reader.bytes(range.count, at: range.lowerBound))
  }
}

/// The pages that hold a stream's comments, and the packets that end on them.
struct OggHeaderPages {
  let pages: [OggPage]
  /// The packets behind the comments.
  private let others: [ArraySlice<UInt8>]

  /// Reads from the page on which the comments begin to the first that ends with a packet.
  init(of stream: OggStream, _ reader: HeaderReader, limits: Limits) throws(MediaError) {
    guard let start = stream.comments.pageOffset, stream.comments.beginsPage else {
      throw MediaError(
        .unsupported, .metadata, "the comments do not begin a page of their own (RFC 3533 4); remux first")
    }
    var pages: [OggPage] = []
    var (lacing, body): ([UInt8], [UInt8]) = ([], [])
    var next = start
    while pages.last?.endsPacket != true {
      guard let page = try OggPage(at: next, reader), page.end <= reader.size else {
        throw MediaError(.malformed, .metadata, "no whole page stands at offset \(next) inside the headers")
      }
      next = page.end
      guard page.serial == stream.serial else { continue }
      let bytes = try page.bytes(reader)
      guard page.isIntact(bytes) else {
        throw MediaError(
          .malformed, .metadata, "the check sum of the page at offset \(page.offset) does not hold")
      }
      guard page.granule == 0 || page.granule == OggPage.noGranule, !page.isFirst else {
        throw MediaError(
          .unsupported, .metadata, "the page at offset \(page.offset) holds headers and sound; remux first")
      }
      pages.append(page)
      lacing += page.lacing
      body += bytes[(page.bodyOffset - page.offset)...]
      guard body.count <= limits.indexBytes else {
        throw MediaError(
          .limitExceeded, .metadata,
          "header packets of more than \(limits.indexBytes) bytes exceed what is allowed")
      }
    }
    self.pages = pages
    others = Array(Self.packets(lacing, body).dropFirst())
  }

  private static func packets(_ lacing: [UInt8], _ body: [UInt8]) -> [ArraySlice<UInt8>] {
    var packets: [ArraySlice<UInt8>] = []
    var (start, end) = (0, 0)
    for length in lacing {
      end += Int(length)
      guard length < 255 else { continue }
      packets.append(body[start..<end])
      start = end
    }
    return packets
  }

  /// The pages with `packet` in the place of the comments.
  func pages(with packet: [UInt8]) -> [[UInt8]] {
    var (lacing, body): ([UInt8], [UInt8]) = ([], [])
    for packet in [packet[...]] + others {
      lacing += XiphLacing.bytes(packet.count)
      body += packet
    }
    let flags = pages[pages.count - 1].flags & 4
    var result: [[UInt8]] = []
    var (segment, byte) = (0, 0)
    let counts = counts(of: lacing.count)
    for (index, count) in counts.enumerated() {
      let own = lacing[segment..<segment + count]
      let length = own.reduce(0) { $0 + Int($1) }
      let isContinued = segment > 0 && lacing[segment - 1] == 255
      result.append(
        OggPage.serialized(
          flags: (isContinued ? 1 : 0) | (index == counts.count - 1 ? flags : 0),
          granule: own.contains { $0 < 255 } ? 0 : OggPage.noGranule, serial: pages[0].serial,
          sequence: pages[0].sequence &+ UInt32(index), lacing: own, body: body[byte..<byte + length]))
      segment += count
      byte += length
    }
    return result
  }

  /// How many segments go on each page: as before where they can, so that the number of pages stays.
  private func counts(of total: Int) -> [Int] {
    var counts = pages.map(\.lacing.count)
    var surplus = total - counts.reduce(0, +)
    for index in counts.indices where surplus > 0 {
      let added = min(surplus, OggPage.largestCount - counts[index])
      counts[index] += added
      surplus -= added
    }
    while surplus > 0 {
      counts.append(min(surplus, OggPage.largestCount))
      surplus -= counts[counts.count - 1]
    }
    for index in counts.indices.reversed() where surplus < 0 {
      let removed = min(-surplus, counts[index] - (index == 0 ? 0 : 1))
      counts[index] -= max(0, removed)
      surplus += max(0, removed)
    }
    // Fewer segments than pages: pages without a segment go.
    while surplus < 0, let last = counts.popLast() { surplus += last }
    return counts.filter { $0 > 0 }
  }
}
