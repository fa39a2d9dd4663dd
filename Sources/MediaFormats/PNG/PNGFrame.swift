internal import MediaCore

/// The picture of a PNG: its scanlines, unfiltered as far as regions are asked for.
final class PNGFrame: Frame {
  let size: PixelSize
  let orientation: Orientation
  /// The scanlines; another raster once the picture had to take another coding.
  @exclusivity(unchecked)
  var raster: PNGRaster
  /// The palette, for colour type 3.
  var palette: PNGPalette?
  /// The colour that shows as transparent.
  @exclusivity(unchecked)
  var key: [UInt16]?
  /// Whether the raster holds another coding than the file.
  var isTranscoded = false
  /// The palette entry that bKGD refers to.
  var background: Int?
  /// What a person should know of the edits.
  var notes: [String] = []
  /// What `widen` gave up.
  var narrower: (raster: PNGRaster, palette: PNGPalette, isTranscoded: Bool, notes: [String])?
  let limits: Limits
  let scratch: Scratch

  init(
    _ raster: PNGRaster, palette: PNGPalette?, key: [UInt16]?, orientation: Orientation, limits: Limits,
    scratch: Scratch
  ) {
    size = raster.header.size
    self.raster = raster
    self.palette = palette
    self.key = key
    self.orientation = orientation
    self.limits = limits
    self.scratch = scratch
  }

  var header: PNGHeader { raster.header }

  func readRegion(_ rect: PixelRect) throws(MediaError) -> Region {
    let bounds = PixelRect(x: 0, y: 0, width: size.width, height: size.height)
    guard rect.width >= 0, rect.height >= 0, rect.isEmpty || rect.intersection(bounds) == rect else {
      throw MediaError(.invalidArgument, .label, "region \(rect) is outside of the picture of \(size)")
    }
    let codec = PNGPixelCodec(header, palette: palette, key: key)
    let planes = hasPlainBytes && !rect.isEmpty ? readPlainPlanes(rect) : readPlanes(rect, codec)
    var all = planes.map {
      SamplePlane(width: rect.width, height: rect.height, maxValue: codec.maxValue, samples: $0)
    }
    let alpha = codec.hasAlpha ? all.removeLast() : nil
    return Region(rect: rect, model: all.count == 1 ? .gray : .rgb, planes: all, alpha: alpha)
  }

  func readPlanes(_ rect: PixelRect, _ codec: PNGPixelCodec) -> [[UInt16]] {
    let count = rect.width * rect.height
    var planes = [[UInt16]](repeating: [UInt16](repeating: 0, count: count), count: codec.planeCount)
    forEachLine(of: rect) { y, line in
      let start = (y - rect.y) * rect.width
      for plane in planes.indices {
        planes[plane].withUnsafeMutableBufferPointer {
          guard let target = $0.baseAddress else { return }
          codec.expand(line, plane: plane, count: rect.width, into: target + start)
        }
      }
    }
    return planes
  }

  func writeRegion(_ region: Region) throws(MediaError) -> PixelRect {
    let rect = region.rect
    let codec = PNGPixelCodec(header, palette: palette, key: key)
    let planes = region.planes + (region.alpha.map { [$0] } ?? [])
    guard planes.count == codec.planeCount, (region.alpha != nil) == codec.hasAlpha,
      planes.allSatisfy({
        $0.width == rect.width && $0.height == rect.height && $0.maxValue == codec.maxValue
      })
    else { throw MediaError(.invalidArgument, .label, "region does not have the planes of this picture") }
    if hasPlainBytes, !rect.isEmpty { return writePlainPlanes(planes.map(\.samples), rect) }
    let current = try readRegion(rect)
    let old = current.planes + (current.alpha.map { [$0] } ?? [])
    let difference = PNGDifference(old.map(\.samples), planes.map(\.samples), rect)
    guard !difference.isEmpty else { return PixelRect(x: rect.x, y: rect.y, width: 0, height: 0) }
    if palette != nil {
      try writePaletteRegion(region, difference)
    } else {
      try deepenIfKeyCollides(region, difference)
      store(region, difference)
    }
    return difference.box
  }

  /// Stores the changed pixels of a picture without palette.
  func store(_ region: Region, _ difference: PNGDifference) {
    let codec = PNGPixelCodec(header, palette: palette, key: key)
    // The depth may have changed since the region was read; alpha too when a palette was widened.
    let scale = Int(codec.maxValue) / max(1, Int(region.planes[0].maxValue))
    var planes = region.planes.map(\.samples)
    if codec.hasAlpha, let alpha = region.alpha { planes.append(alpha.samples) }
    store(planes, times: scale, by: codec, difference)
  }

  /// Stores the changed pixels of `planes`, `scale` times their samples.
  func store(
    _ planes: [[UInt16]], times scale: Int = 1, by codec: PNGPixelCodec, _ difference: PNGDifference
  ) {
    // In one piece: an array of planes would be counted anew for each pixel.
    var samples: [UInt16] = []
    for plane in planes { samples += plane }
    if scale > 1 { for index in samples.indices { samples[index] &*= UInt16(scale) } }
    let count = difference.rect.width * difference.rect.height
    samples.withUnsafeBufferPointer { samples in
      edit(difference) { pixel, index in codec.store(samples, planeSize: count, at: index, into: pixel) }
    }
  }

  /// Calls `body` with the stored samples of each changed pixel, to be overwritten, and its index in the region.
  func edit(_ difference: PNGDifference, _ body: (UnsafeMutablePointer<UInt16>, Int) -> Void) {
    let rect = difference.rect
    let channels = header.colorType.channels
    forEachLine(of: rect) { y, line in
      let start = (y - rect.y) * rect.width
      var first = rect.width
      var last = -1
      for x in 0..<rect.width where difference.isChanged[start + x] {
        body(line + x * channels, start + x)
        first = min(first, x)
        last = x
      }
      guard last >= 0 else { return }
      raster.writeLine(
        y, rect.x..<rect.maxX, edited: rect.x + first..<rect.x + last + 1, from: UnsafePointer(line))
    }
  }

  private func forEachLine(of rect: PixelRect, _ body: (Int, UnsafeMutablePointer<UInt16>) -> Void) {
    guard !rect.isEmpty else { return }
    // All rows at once, so that decoding runs down the picture once.
    for pass in raster.passes.indices {
      raster.unfilter(raster.passes[pass].rows(in: rect.y..<rect.maxY), of: pass)
    }
    var line = [UInt16](repeating: 0, count: rect.width * header.colorType.channels)
    line.withUnsafeMutableBufferPointer {
      guard let line = $0.baseAddress else { return }
      for y in rect.y..<rect.maxY {
        raster.readLine(y, rect.x..<rect.maxX, into: line)
        body(y, line)
      }
    }
  }
}

/// Which pixels of a region differ from what is stored.
struct PNGDifference {
  let rect: PixelRect
  /// One flag a pixel, row by row.
  let isChanged: [Bool]
  /// The smallest rectangle around them, in picture coordinates.
  let box: PixelRect

  var isEmpty: Bool { box.isEmpty }

  init(_ old: [[UInt16]], _ new: [[UInt16]], _ rect: PixelRect) {
    var isChanged = [Bool](repeating: false, count: rect.width * rect.height)
    for (before, after) in zip(old, new) {
      for i in isChanged.indices where before[i] != after[i] { isChanged[i] = true }
    }
    var box = PixelRect(x: rect.x, y: rect.y, width: 0, height: 0)
    for y in 0..<rect.height {
      let row = isChanged[y * rect.width..<(y + 1) * rect.width]
      guard let first = row.firstIndex(of: true), let last = row.lastIndex(of: true) else { continue }
      let span = PixelRect(
        x: rect.x + first - row.startIndex, y: rect.y + y, width: last - first + 1, height: 1)
      box = box.union(span)
    }
    self.rect = rect
    self.isChanged = isChanged
    self.box = box
  }
}
