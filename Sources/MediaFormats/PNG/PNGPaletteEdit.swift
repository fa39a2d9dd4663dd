internal import MediaCore

extension PNGFrame {
  /// Writes a region of a palette picture: with entries that are there, with added ones, with a deeper index, and
  /// where all that would show, as RGB.
  func writePaletteRegion(_ region: Region, _ difference: PNGDifference) throws(MediaError) {
    guard let palette else { return }
    let colors = Self.packedColors(region)
    var histogram: [UInt32: Int] = [:]
    for i in colors.indices where difference.isChanged[i] { histogram[colors[i], default: 0] += 1 }
    let used = try usedIndices()
    let needed = header.depth
    for depth in Set([needed, 8]).sorted() {
      let free = (0..<1 << depth).filter { $0 >= palette.entries.count || !used[$0] }
        .sorted { ($0 < palette.entries.count ? 1 : 0, $0) < ($1 < palette.entries.count ? 1 : 0, $1) }
      guard let fit = PNGPaletteFit(histogram, entries: palette.entries, free: free) else { continue }
      if depth > needed {
        try transcode(to: .palette, depth: 8) { line, count in (0..<count).map { line[$0] } }
        notes.append("palette index deepened from \(needed) to 8 bits to make room for colours of the label")
      }
      if fit.isApproximate { notes.append("colours of the label were matched to what fits into the palette") }
      store(fit, colors, difference)
      return
    }
    try widen(palette, for: "no room for the colours of the label")
    store(region, difference)
  }

  private func store(_ fit: PNGPaletteFit, _ colors: [UInt32], _ difference: PNGDifference) {
    for (index, color) in fit.newEntries {
      let gap = max(0, index + 1 - (palette?.entries.count ?? 0))
      palette?.entries += Array(repeating: 0xFF, count: gap)
      palette?.entries[index] = color
    }
    edit(difference) { pixel, index in pixel[0] = fit.indices[colors[index]] ?? 0 }
  }

  /// Throws `malformed` for an index without an entry.
  func widen() throws(MediaError) {
    guard let palette else { return }
    _ = try usedIndices()
    narrower = (raster, palette, isTranscoded, notes)
    try widen(palette, for: "what is drawn takes more colours than it has")
  }

  func narrow() {
    guard let narrower else { return }
    (raster, palette) = (narrower.raster, narrower.palette)
    (isTranscoded, notes) = (narrower.isTranscoded, narrower.notes)
    self.narrower = nil
  }

  private func widen(_ palette: PNGPalette, for reason: String) throws(MediaError) {
    let type: PNGHeader.ColorType = palette.hasAlpha ? .rgba : .rgb
    let (depth, colors) = (header.depth, PNGPaletteRow.Colors(palette))
    try recode(to: type, depth: 8) { row, width, target in
      PNGPaletteRow.withIndices(row, depth: depth, count: width) { indices in
        colors.expand(indices, count: width, hasAlpha: type == .rgba, into: target)
      }
    }
    self.palette = nil
    notes.append("palette widened to \(type.name): \(reason)")
  }

  /// Which palette entries pixels or the background refer to. Throws `malformed` for an index without an entry:
  /// an added entry would give such pixels a colour.
  private func usedIndices() throws(MediaError) -> [Bool] {
    var used = PNGPaletteRow.Used(depth: header.depth)
    for (index, pass) in raster.passes.enumerated() {
      raster.unfilter(0..<pass.height, of: index)
      for y in 0..<pass.height { used.add(UnsafePointer(raster.row(y, of: index)), count: pass.width) }
    }
    var indices = used.indices
    let count = palette?.entries.count ?? 0
    if let last = indices.lastIndex(of: true), last >= count {
      throw .png("a pixel has palette index \(last); PLTE has \(count) entries (PNG 11.2.2)")
    }
    if let background { indices[background] = true }
    return indices
  }

  private static func packedColors(_ region: Region) -> [UInt32] {
    let planes = region.planes
    return planes[0].samples.indices.map { i in
      let rgb = UInt32(planes[0].samples[i]) << 24 | UInt32(planes[1].samples[i]) << 16
      return rgb | UInt32(planes[2].samples[i]) << 8 | UInt32(region.alpha?.samples[i] ?? 255)
    }
  }
}
