internal import MediaCore

/// The tables of a sound track of HE-AAC that became AAC-LC: two samples of half the duration take the place of each. Times,
/// edits and chunks stay.
struct ISOHighEfficiencyTables: ISORecodedTables {
  let track: ISOSoundTrack
  let result: HighEfficiencyRecoding.Result
  let spool: CodedSpool

  var samples: [VideoSample] { track.samples }
  var chunks: NumberTable { track.table.offsets }
  var segments: [VideoReencode.Segment] { [result.segment] }

  var sizes: [UInt8] {
    Self.sizes(
      zip(result.segment.packets, result.firsts).flatMap { packet, first in
        [first, packet.range.count - first]
      })
  }

  /// Why durations cannot be halved, or the set-up record not be put in its place; nil where they can.
  static func objection(to track: ISOSoundTrack) -> MediaError? {
    let durations = track.table.durations
    for row in 0..<durations.count where !durations[row, 1].isMultiple(of: 2) && durations[row, 0] > 1 {
      return MediaError(
        .unsupported, .encode, "packets of HE-AAC last \(durations[row, 1]) ticks, which cannot be halved")
    }
    let isKnown = record(of: track, sampleRate: 2 * track.entry.sampleRate, channels: 2) != nil
    return isKnown && track.entry.bytes.firstRange(of: track.config) != nil ? nil : .highEfficiency
  }

  func applied(to movie: [UInt8], base: Int, limits: Limits) throws(MediaError) -> [UInt8] {
    let tree = try BoxTree(movie, base: base, limits: limits)
    let stbl = try tree.sampleTable(of: track.entry)
    var patch = BoxPatch(tree)
    try self.patch(stbl, of: tree, &patch) { (box, index, patch) throws(MediaError) in
      switch box.type.description {
      case "stts": try patch.replace(box.range, with: durations, in: stbl)
      case "stsc": try patch.replace(box.range, with: chunkRuns, in: stbl)
      case "stsd":
        let start = box.content.lowerBound + 8
        let entry = try describedEntry()
        try patch.replace(start..<start + track.entry.bytes.count, with: entry, in: index)
      case "sbgp":
        try patch.replace(box.content, with: Self.doubled(Array(tree.bytes[box.content])), in: index)
      // Each sample can be decoded alone, as before.
      case "stss", "sdtp": try patch.remove(index)
      case "ctts", "stsh", "stps", "cslg":
        throw MediaError(
          .unsupported, .encode, "box '\(box.type)' describes samples in a way that is not known of sound")
      default: break
      }
    }
    return try patch.applied()
  }

  private var durations: [UInt8] {
    let table = track.table.durations
    var rows: [(UInt32, UInt32)] = []
    for row in 0..<table.count {
      let (count, duration) = (table[row, 0], table[row, 1])
      if duration.isMultiple(of: 2) {
        rows.append((count &* 2, duration / 2))
      } else {
        rows += [(1, duration / 2), (1, duration - duration / 2)]
      }
    }
    return Self.table("stts", rows.map { [$0.0, $0.1] })
  }

  private var chunkRuns: [UInt8] {
    let table = track.table.chunks
    return Self.table("stsc", (0..<table.count).map { [table[$0, 0], table[$0, 1] &* 2, table[$0, 2]] })
  }

  private static func table(_ type: String, _ rows: [[UInt32]]) -> [UInt8] {
    BoxType(type).box(
      UInt32(0).bigEndianBytes + UInt32(truncatingIfNeeded: rows.count).bigEndianBytes
        + rows.joined().flatMap(\.bigEndianBytes))
  }

  /// Groups of samples (ISO/IEC 14496-12, 8.9.2) of twice as many each.
  private static func doubled(_ groups: [UInt8]) -> [UInt8] {
    var groups = groups
    var offset = groups.first == 1 ? 16 : 12
    while offset <= groups.count - 8 {
      let count = UInt32(truncatingIfNeeded: groups.bigEndian(4, at: offset))
      groups.replaceSubrange(offset..<offset + 4, with: (count &* 2).bigEndianBytes)
      offset += 8
    }
    return groups
  }

  /// The entry with the new set-up record, which is as long as the old one, the rate and the channels that are heard.
  private func describedEntry() throws(MediaError) -> [UInt8] {
    var bytes = track.entry.bytes
    guard let place = bytes.firstRange(of: track.config), bytes.count >= 36,
      let record = Self.record(of: track, sampleRate: result.sampleRate, channels: result.channels)
    else { throw MediaError.highEfficiency }
    bytes.replaceSubrange(place, with: record)
    bytes.replaceSubrange(24..<26, with: UInt16(truncatingIfNeeded: result.channels).bigEndianBytes)
    // 16.16; more than fits is left for the record to say (ISO/IEC 14496-12, 12.2.3).
    let rate = result.sampleRate > 0xFFFF ? 0 : UInt32(result.sampleRate) << 16
    bytes.replaceSubrange(32..<36, with: rate.bigEndianBytes)
    // Bit rates stand in front of the record's descriptor, whose head has two bytes or five.
    for head in [2, 5] where place.lowerBound >= 36 + 8 + head && bytes[place.lowerBound - head] == 5 {
      let rates = place.lowerBound - head - 8..<place.lowerBound - head
      bytes.replaceSubrange(rates, with: [UInt8](repeating: 0, count: 8))
      break
    }
    return bytes
  }

  /// AudioSpecificConfig of AAC-LC (ISO/IEC 14496-3, 1.6.2.1), filled up to the length of the old one with a statement that
  /// there is no replication of bands, and zeros; nil for a rate without a number.
  private static func record(of track: ISOSoundTrack, sampleRate: Int, channels: Int) -> [UInt8]? {
    let length = track.config.count
    guard length >= 2, let index = AudioConfiguration.rates.firstIndex(of: sampleRate),
      let layout = channels <= 6 ? channels : channels == 8 ? 7 : nil
    else { return nil }
    let word = UInt16(2) << 11 | UInt16(index) << 7 | UInt16(layout) << 3
    let none: [UInt8] = length >= 5 ? [0x56, 0xE5, 0] : []
    return word.bigEndianBytes + none + [UInt8](repeating: 0, count: length - 2 - none.count)
  }
}
