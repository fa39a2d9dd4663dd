internal import MediaCore

/// Chooses how hard the changed part of the image data is compressed: the quickest way that keeps the file within
/// a few percent of what its own encoder made of it.
struct PNGImageEncoder {
  /// Level 9 takes up to 0.15 s for so much; of a file in which more than that is compressed anew, it is a small part.
  private static let slowestBytes = 1 << 19
  private static let keptGrowth = 1.02
  private static let largestGrowth = 1.05
  /// Bytes that are too few to spend time on.
  private static let smallGrowth = 512.0
  /// What is added to all of a picture is noise, which no effort compresses: only gross growth is worth a second try.
  private static let largestGrowthThroughout = 1.3

  let scratch: Scratch

  /// Splices the rows of `raster` that changed into the stream of `image`.
  func splice(
    _ image: PNGImageData, _ raster: PNGRaster
  ) throws(MediaError) -> (stream: DeflateSplice, notes: [String]) {
    let isFiltered = Self.isFiltered(raster)
    if let coding = PNGWholeCoding(
      raster, sourceBytes: image.stream.count, isFiltered: isFiltered, scratch)
    {
      return (try recoded(image, raster, coding), Self.notes(image))
    }
    let isThroughout = raster.isRawThroughout
    let dirty = raster.refilter()
    let boundaries = try image.boundaries(dirty, scratch: scratch)
    func attempt(_ settings: DeflateSplice.Settings) throws(MediaError) -> DeflateSplice {
      try DeflateSplice(
        image.stream, boundaries: boundaries, data: UnsafeRawBufferPointer(raster.bytes), dirty: dirty,
        settings: settings, scratch: scratch)
    }
    let allowed = Double(image.stream.count)
    var best = try attempt(isFiltered ? .runs : .plain)
    let isGross =
      Double(best.byteCount) > allowed * (isThroughout ? Self.largestGrowthThroughout : Self.keptGrowth)
    if isGross {
      for settings in further(isThroughout ? raster : nil, isFiltered: isFiltered) {
        let next = try attempt(settings)
        if next.byteCount < best.byteCount { best = next }
        if Double(best.byteCount) <= allowed * Self.largestGrowth { break }
      }
      if !isThroughout, Double(best.byteCount) > allowed * Self.largestGrowth + Self.smallGrowth,
        isSlowestBetter(UnsafeRawBufferPointer(rebasing: raster.bytes[best.recodedRange]))
      {
        let next = try attempt(.level(9, isFiltered: isFiltered))
        if next.byteCount < best.byteCount { best = next }
      }
    }
    var notes = Self.notes(image)
    if !isThroughout, Double(best.byteCount) > allowed * Self.largestGrowth,
      best.byteCount > image.stream.count + 4096
    {
      notes.append(
        "image data grew from \(image.stream.count) to \(best.byteCount) bytes: the changed part is not compressed as"
          + " far as by the encoder of the source, or shows more")
    }
    return (best, notes)
  }

  /// Whether the slowest level makes less of `data`: where a label is all that is new, it does not. It takes ten times as long.
  private func isSlowestBetter(_ data: UnsafeRawBufferPointer) -> Bool {
    guard data.count <= Self.slowestBytes else { return false }
    let sample = DeflateSample(data, scratch)
    let slowest = sample.byteCount(.level(9, isFiltered: false))
    return Double(slowest) < Self.hopeless * Double(sample.byteCount(.plain))
  }

  private static func notes(_ image: PNGImageData) -> [String] {
    guard image.surplusBytes > 0 else { return [] }
    return ["\(image.surplusBytes) bytes behind the end of the compressed image data were dropped"]
  }

  /// All rows, which must be raw, filtered and compressed as `coding` says.
  private func recoded(
    _ image: PNGImageData, _ raster: PNGRaster, _ coding: PNGWholeCoding
  ) throws(MediaError) -> DeflateSplice {
    let dirty = raster.refilter(as: coding.filter)
    return try DeflateSplice(
      image.stream, boundaries: try image.boundaries(dirty, scratch: scratch),
      data: UnsafeRawBufferPointer(raster.bytes), dirty: dirty, settings: coding.settings, scratch: scratch)
  }

  /// What is tried in turn when runs alone make a picture grow; of a large `raster` that changed throughout at most one, which parts of it
  /// show to be worth its time.
  private func further(_ raster: PNGRaster?, isFiltered: Bool) -> [DeflateSplice.Settings] {
    guard isFiltered else { return [] }
    guard let raster, raster.bytes.count > Self.slowestBytes else { return [.plain] }
    let sample = DeflateSample(UnsafeRawBufferPointer(raster.bytes), scratch)
    let runs = Double(sample.byteCount(.runs))
    var best: (settings: DeflateSplice.Settings, count: Double)?
    for settings in Self.filteredSettings {
      let count = Double(sample.byteCount(settings))
      if count < best?.count ?? .infinity { best = (settings, count) }
      if count > Self.hopeless * runs { break }
    }
    guard let best, best.count < Self.worthwhile * runs else { return [] }
    return [best.settings]
  }

  /// Which of these is smaller depends on the picture; level 6 takes twice as long as level 5 and gains hardly more.
  private static let filteredSettings: [DeflateSplice.Settings] = [
    .plain, .level(3, isFiltered: true), .level(5, isFiltered: true),
  ]
  /// Size after a second try, over that of runs, up to which it is made: it takes longer than all that a label takes besides.
  private static let worthwhile = 0.9
  /// The same of one level, or of the usual search, from which on another is not worth a try: the two hardly differ by so much.
  private static let hopeless = 0.97

  /// Compresses the whole of a raster that took another coding than `image`: as parts of it show where it changed throughout, else with
  /// the better of the source's filters and Paeth throughout.
  func encode(_ raster: PNGRaster, of image: PNGImageData) throws(MediaError) -> DeflateSplice {
    if let coding = PNGWholeCoding(
      raster, sourceBytes: image.stream.count, isFiltered: Self.isFiltered(raster), scratch)
    {
      _ = raster.refilter(as: coding.filter)
      return try whole(raster, coding.settings)
    }
    let rows = raster.passes.indices.map { 0..<raster.passes[$0].height }
    var best: DeflateSplice?
    for choice in [PNGFilterChoice.own, .only(4)] {
      if choice != .own {
        // Two streams of the same bytes: the first must be whole before the rows are filtered anew.
        guard PNGWholeCoding.takesFilters(raster.header) else { break }
        for (pass, range) in rows.enumerated() { raster.willChange(range, of: pass) }
      }
      _ = raster.refilter(as: choice)
      let next = try whole(raster, .level(6, isFiltered: choice != .own))
      if next.byteCount < best?.byteCount ?? .max { best = next }
    }
    guard let best else { throw MediaError(.internalFault, .encode, "no encoding of the image data") }
    return best
  }

  /// All of `raster`, whose rows are filtered, compressed by `settings`.
  private func whole(
    _ raster: PNGRaster, _ settings: DeflateSplice.Settings
  ) throws(MediaError) -> DeflateSplice {
    let data = UnsafeRawBufferPointer(raster.bytes)
    return try DeflateSplice(
      UnsafeRawBufferPointer(start: nil, count: 0),
      boundaries: [DeflateBoundary(output: 0, bit: 0), DeflateBoundary(output: data.count, bit: 0)],
      data: data, dirty: [0..<data.count], settings: settings, scratch: scratch)
  }

  /// Whether most rows are filtered: their bytes are differences, to which zlib's strategies for filtered data
  /// apply.
  private static func isFiltered(_ raster: PNGRaster) -> Bool {
    var filtered = 0
    var rows = 0
    for (pass, layout) in raster.passes.enumerated() {
      for y in 0..<layout.height where raster.filterType(y, of: pass) != 0 { filtered += 1 }
      rows += layout.height
    }
    return filtered * 2 > rows
  }
}
