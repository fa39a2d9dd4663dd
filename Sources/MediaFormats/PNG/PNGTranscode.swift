internal import MediaCore

extension PNGFrame {
  /// Gives the whole picture another coding; `convert` makes the raw bytes of a row, zeros before, from those of the present one, which
  /// has `width` pixels.
  func recode(
    to colorType: PNGHeader.ColorType, depth: Int,
    _ convert: (_ row: UnsafePointer<UInt8>, _ width: Int, _ target: UnsafeMutablePointer<UInt8>) -> Void
  ) throws(MediaError) {
    var target = header
    target.colorType = colorType
    target.depth = depth
    let size = try target.decodedBytes(within: limits)
    let buffer = scratch.borrow(size)
    buffer.bytes.initializeMemory(as: UInt8.self, repeating: 0)
    let new = try PNGRaster(target, buffer, isRaw: true)
    for (index, pass) in raster.passes.enumerated() {
      raster.unfilter(0..<pass.height, of: index)
      for y in 0..<pass.height {
        new.row(y, of: index)[-1] = raster.filterType(y, of: index)
        convert(UnsafePointer(raster.row(y, of: index)), pass.width, new.row(y, of: index))
      }
    }
    raster = new
    isTranscoded = true
  }

  /// The same, where `convert` makes the stored samples of a row from the present ones.
  func transcode(
    to colorType: PNGHeader.ColorType, depth: Int,
    _ convert: (UnsafePointer<UInt16>, Int) -> [UInt16]
  ) throws(MediaError) {
    let (old, width) = (header, raster.passes.map(\.width).max() ?? 0)
    var line = [UInt16](repeating: 0, count: width * old.colorType.channels)
    try recode(to: colorType, depth: depth) { row, width, target in
      line.withUnsafeMutableBufferPointer { line in
        guard let line = line.baseAddress else { return }
        PNGSamples.unpack(
          row, depth: old.depth, group: old.colorType.channels, groups: 0..<width, into: line,
          step: old.colorType.channels)
        convert(line, width).withUnsafeBufferPointer {
          guard let samples = $0.baseAddress else { return }
          PNGSamples.pack(
            samples, step: colorType.channels, depth: depth, group: colorType.channels, groups: 0..<width,
            into: target)
        }
      }
    }
  }

  /// A grey of one to four bits with a transparent level has no near level to show the key's own grey with: eight
  /// bits have.
  func deepenIfKeyCollides(_ region: Region, _ difference: PNGDifference) throws(MediaError) {
    guard header.colorType == .gray, header.depth < 8, let key, let alpha = region.alpha else { return }
    let samples = region.planes[0].samples
    let collides = samples.indices.contains {
      difference.isChanged[$0] && samples[$0] == key[0] && alpha.samples[$0] > alpha.maxValue / 2
    }
    guard collides else { return }
    let step = 255 / header.maxSample
    let depth = header.depth
    try transcode(to: .gray, depth: 8) { line, count in (0..<count).map { line[$0] &* step } }
    self.key = key.map { $0 &* step }
    notes.append(
      "greyscale deepened from \(depth) to 8 bits: the label shows the level that tRNS makes clear")
  }
}
