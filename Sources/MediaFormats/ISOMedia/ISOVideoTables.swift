internal import MediaCore

/// The tables of a video track of which some samples are coded anew. Number, order, decoding times and chunks of samples
/// stay; sizes, composition offsets and sync samples change, and the set-up record with them.
struct ISOVideoTables: ISORecodedTables {
  let track: ISOVideoTrack
  let recoded: RecodedVideo

  var samples: [VideoSample] { track.video.samples }
  var chunks: NumberTable { track.table.offsets }
  var segments: [VideoReencode.Segment] { recoded.segments }
  var spool: CodedSpool { recoded.spool }

  /// `movie` with the new tables; its offsets are not moved yet. Throws `unsupported` for tables about samples that
  /// cannot be kept right.
  func applied(to movie: [UInt8], base: Int, limits: Limits) throws(MediaError) -> [UInt8] {
    let tree = try BoxTree(movie, base: base, limits: limits)
    let stbl = try tree.sampleTable(of: track.entry)
    var patch = BoxPatch(tree)
    try self.patch(stbl, of: tree, &patch) { (box, index, patch) throws(MediaError) in
      switch box.type.description {
      case "ctts":
        try patch.replace(
          box.range, with: compositions(version: tree.bytes[box.content.lowerBound]), in: stbl)
      case "stss": try patch.replace(box.range, with: syncSamples(), in: stbl)
      case "stsd": try describe(box, index, in: tree, &patch)
      case "sdtp":
        try patch.replace(box.content, with: dependencies(Array(tree.bytes[box.content])), in: index)
      case "cslg": try patch.replace(box.content, with: bounds(Array(tree.bytes[box.content])), in: index)
      // What they say of samples (open groups, recovery points) was true of the old coding.
      case "sbgp", "sgpd", "stps": try patch.remove(index)
      case "stsh":
        throw MediaError(
          .unsupported, .encode, "box 'stsh' describes samples in a way that coding them anew would break")
      default: break
      }
    }
    let names = Set(tree.children(of: stbl).map { tree.boxes[$0].type.description })
    if !names.contains("ctts"), offsets.contains(where: { $0 != 0 }) {
      try patch.append(compositions(version: 0), to: stbl)
    }
    if !names.contains("stss"), recoded.segments.contains(where: { $0.packets.contains { !$0.isKey } }) {
      try patch.append(syncSamples(), to: stbl)
    }
    return try patch.applied()
  }

  private func describe(_ box: Box, _ index: Int, in tree: BoxTree, _ patch: inout BoxPatch)
    throws(MediaError)
  {
    guard let description = recoded.description else { return }
    let start = box.content.lowerBound + 8
    let entry = try track.entry.describing(description, codec: track.video.codec)
    try patch.replace(start..<start + track.entry.bytes.count, with: entry, in: index)
  }

  /// From decoding to presentation, for each sample.
  private var offsets: [Int64] {
    var values = track.video.samples.map { $0.pts - $0.dts }
    for segment in recoded.segments {
      for (index, packet) in zip(segment.samples, segment.packets) {
        values[index] = packet.pts - track.video.samples[index].dts
      }
    }
    return values
  }

  private func compositions(version: UInt8) -> [UInt8] {
    var runs: [(count: UInt32, offset: Int64)] = []
    for offset in offsets {
      if let last = runs.last, last.offset == offset {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((1, offset))
      }
    }
    var content: [UInt8] = [version, 0, 0, 0] + UInt32(truncatingIfNeeded: runs.count).bigEndianBytes
    for run in runs {
      content += run.count.bigEndianBytes + Int32(truncatingIfNeeded: run.offset).bigEndianBytes
    }
    return BoxType("ctts").box(content)
  }

  private func syncSamples() -> [UInt8] {
    var isSync = track.video.samples.map(\.isSync)
    for segment in recoded.segments {
      for (index, packet) in zip(segment.samples, segment.packets) { isSync[index] = packet.isKey }
    }
    let numbers = isSync.indices.filter { isSync[$0] }.map { UInt32(truncatingIfNeeded: $0 + 1) }
    return BoxType("stss").box(
      UInt32(0).bigEndianBytes + UInt32(truncatingIfNeeded: numbers.count).bigEndianBytes
        + numbers.flatMap(\.bigEndianBytes))
  }

  /// Dependencies of samples coded anew are not known (ISO/IEC 14496-12, 8.6.4: zero).
  private func dependencies(_ content: [UInt8]) -> [UInt8] {
    var content = content
    for segment in recoded.segments {
      for index in segment.samples where index + 4 < content.count { content[index + 4] = 0 }
    }
    return content
  }

  /// The least and the largest composition offset (8.6.1.4); shift and times stay.
  private func bounds(_ content: [UInt8]) throws(MediaError) -> [UInt8] {
    let width = content.first == 1 ? 8 : 4
    var content = content
    let all = offsets
    guard content.count >= 4 + 5 * width, let least = all.min(), let most = all.max() else { return content }
    try content.put(UInt64(bitPattern: least) & (width == 8 ? .max : 0xFFFF_FFFF), width, at: 4 + width)
    try content.put(UInt64(bitPattern: most) & (width == 8 ? .max : 0xFFFF_FFFF), width, at: 4 + 2 * width)
    return content
  }
}
