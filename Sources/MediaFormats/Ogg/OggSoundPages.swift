internal import MediaCore

/// A logical stream of sound laid out in pages anew. No packet of sound goes over the end of a page.
struct OggSoundPages {
  /// Samples of each channel after which a page ends.
  private let span: Int
  private let serial: UInt32
  private let spool: CodedSpool
  private var sequence: UInt32 = 0
  private var lacing: [UInt8] = []
  private var body: [UInt8] = []
  /// Granule positions behind the last packet, and where the page begins.
  private var (granule, start) = (0, 0)
  /// What was written, in the spool.
  private(set) var range: Range<Int>?

  /// With the stream's own header packets: the first on a page of its own, the sound begins another.
  init(
    _ headers: [[UInt8]], serial: UInt32, span: Int, spool: CodedSpool
  ) throws(MediaError) {
    self.serial = serial
    self.span = span
    self.spool = spool
    guard let first = headers.first else { return }
    try page(flags: 2, granule: 0, lacing: XiphLacing.bytes(first.count)[...], body: first[...])
    let all = headers.dropFirst().flatMap { XiphLacing.bytes($0.count) }
    let bytes = headers.dropFirst().flatMap { $0 }
    var (segment, byte) = (0, 0)
    while segment < all.count {
      let own = all[segment..<min(all.count, segment + OggPage.largestCount)]
      let length = own.reduce(0) { $0 + Int($1) }
      let isContinued = segment > 0 && all[segment - 1] == 255
      try page(
        flags: isContinued ? 1 : 0, granule: own.contains { $0 < 255 } ? 0 : OggPage.noGranule, lacing: own,
        body: bytes[byte..<byte + length])
      segment += own.count
      byte += length
    }
  }

  /// Adds a packet behind which the granule position is `granule`.
  mutating func add(_ packet: [UInt8], granule: Int) throws(MediaError) {
    let own = XiphLacing.bytes(packet.count)
    guard own.count <= OggPage.largestCount else {
      throw MediaError(.internalFault, .encode, "a packet of \(packet.count) bytes fills more than a page")
    }
    if !lacing.isEmpty, lacing.count + own.count > OggPage.largestCount || self.granule - start >= span {
      try flush()
    }
    lacing += own
    body += packet
    self.granule = max(granule, self.granule)
  }

  /// Ends the stream at the granule position `end`.
  mutating func finish(at end: Int) throws(MediaError) {
    granule = end
    try flush(flags: 4)
  }

  private mutating func flush(flags: UInt8 = 0) throws(MediaError) {
    try page(flags: flags, granule: UInt64(max(0, granule)), lacing: lacing[...], body: body[...])
    (lacing, body) = ([], [])
    start = granule
  }

  private mutating func page(
    flags: UInt8, granule: UInt64, lacing: ArraySlice<UInt8>, body: ArraySlice<UInt8>
  ) throws(MediaError) {
    let place = try spool.append(
      OggPage.serialized(
        flags: flags, granule: granule, serial: serial, sequence: sequence, lacing: lacing, body: body))
    range = (range?.lowerBound ?? place.lowerBound)..<place.upperBound
    sequence &+= 1
  }
}
