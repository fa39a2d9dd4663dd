/// A picture's luma at its own, half and a quarter of its size, and the residuals that a search makes of them: each once,
/// when it is asked for. Of several pictures under one mark, such as frames of a video, the residuals are added up. Owned by
/// one search.
final class SearchPyramid {
  /// One size.
  struct Level {
    /// One plane a picture.
    fileprivate(set) var lumas: [LumaPlane]
    /// Pixels for each of the whole plane, across and down.
    let across: Double
    let down: Double
  }

  private struct Kind: Hashable {
    let level: Int
    let quarters: Int
    let isSmooth: Bool
  }

  private var levels: [Level]
  private var residuals: [Kind: LumaPlane] = [:]
  // One a picture, where they are separate.
  private var separate: [Kind: [LumaPlane]] = [:]
  private var spectra: [Int: Spectrum] = [:]
  /// By lattice in place and by key, `SyncSearch.inPlace` of each pattern: those that were asked for.
  var placed: [Lattice: [[Double]]] = [:]
  private static let last = 2
  /// Cells that trials and lags take a residual for, pixels of a level.
  private static let trialCell = 0.9

  /// Pixels of the whole plane.
  let width: Int
  let height: Int
  /// Pictures added up.
  var count: Int { levels[0].lumas.count }

  private let floor: Float
  private let isSeparate: Bool

  /// `floor` as in `Residual`. Where pictures are `isSeparate`, each shows the mark in its own way.
  init(_ luma: LumaPlane, floor: Float = Residual.floor, isSeparate: Bool = false) {
    self.floor = floor
    self.isSeparate = isSeparate
    (width, height) = (luma.width, luma.height)
    levels = [Level(lumas: [luma], across: 1, down: 1)]
  }

  /// Adds a picture of the same size.
  func add(_ luma: LumaPlane) {
    precondition(luma.width == width && luma.height == height)
    spectra = [:]
    separate = [:]
    placed = [:]
    var luma = luma
    for index in levels.indices {
      if index > 0 { luma = luma.reduced(by: 0.5) }
      levels[index].lumas.append(luma)
      for kind in residuals.keys where kind.level == index && !kind.isSmooth {
        residuals[kind]?.add(Residual.of(luma, scale: Double(kind.quarters) / 4, floor: floor))
      }
    }
    for kind in residuals.keys where kind.isSmooth { residuals[kind] = nil }
  }

  func level(_ index: Int) -> Level {
    while levels.count <= index {
      let halves = levels[levels.count - 1].lumas.map { $0.reduced(by: 0.5) }
      levels.append(
        Level(
          lumas: halves, across: Double(halves[0].width) / Double(width),
          down: Double(halves[0].height) / Double(height)))
    }
    return levels[index]
  }

  /// What the residual is made for that messages are read from, in cells: one that follows the picture more closely than those that
  /// lattices are looked for in leaves less of it.
  private static let readingScale = 0.625

  /// The residuals that messages are read from, for cells of `cell` pixels of the whole plane, their sum, and the level they are of: one for
  /// all pictures, or each by itself where `isSeparate`.
  func reading(cell: Double) -> (level: Level, residuals: [LumaPlane], sum: LumaPlane) {
    var index = 0
    while index < Self.last, cell / Double(1 << index) > 2.3, isLargeEnough(index + 1) { index += 1 }
    let quarters = max(2, Int((4 * Self.readingScale * cell / Double(1 << index)).rounded()))
    let sum = residual(Kind(level: index, quarters: quarters, isSmooth: false))
    let level = level(index)
    guard isSeparate else { return (level, [sum], sum) }
    let kind = Kind(level: index, quarters: quarters, isSmooth: false)
    let parts =
      separate[kind] ?? level.lumas.map { Residual.of($0, scale: Double(quarters) / 4, floor: floor) }
    separate[kind] = parts
    return (level, parts, sum)
  }

  /// The residual to look for tiles in whose cells are `cell` pixels of the whole plane. Every other cell is sampled there, so
  /// it is one without much that lies between. `offset` is where its values lie, pixels right and down of their pixels.
  func trial(cell: Double) -> (level: Level, residual: LumaPlane, offset: Double) {
    var index = 0
    while index < Self.last, cell / Double(1 << index) > 1.2, isLargeEnough(index + 1) { index += 1 }
    let isSmooth = cell / Double(1 << index) > 0.8
    let kind = Kind(level: index, quarters: Int(4 * Self.trialCell), isSmooth: isSmooth)
    return (level(index), residual(kind), isSmooth ? 0.5 : 0)
  }

  /// A spectrum, and the pixels of what it is of for each of the whole plane.
  struct Spectrum {
    let flat: FlatSpectrum
    let across: Double
    let down: Double
  }

  /// By how much more than a plane its transform takes at least: a wave between two of the transform's frequencies would else
  /// show less than half of its power in either.
  private static let padding = 1.17

  /// The spectrum of one level, reduced a little where its transform would take hardly more than it.
  func spectrum(_ index: Int, _ transform: (LumaPlane) -> PlaneTransform) -> Spectrum {
    if let known = spectra[index] { return known }
    let level = level(index)
    let (width, height) = (level.lumas[0].width, level.lumas[0].height)
    let scale = min(
      1,
      [width, height].map { Double(PlaneTransform.length(for: $0)) / Double($0) }.min().map {
        $0 / Self.padding
      } ?? 1)
    var residual: LumaPlane
    if scale == 1 {
      residual = self.residual(Kind(level: index, quarters: Int(4 * Self.trialCell), isSmooth: false))
    } else {
      let lumas = level.lumas.map { $0.reduced(by: scale) }
      residual = Residual.of(lumas[0], scale: Self.trialCell, floor: floor)
      for luma in lumas.dropFirst() { residual.add(Residual.of(luma, scale: Self.trialCell, floor: floor)) }
    }
    let made = Spectrum(
      flat: FlatSpectrum(residual, transform(residual)), across: Double(residual.width) / Double(self.width),
      down: Double(residual.height) / Double(self.height))
    spectra[index] = made
    return made
  }

  /// The spectrum of one level for lags within a part of it: `across` and `down` of its sides, from `left` and `top` on, all in
  /// shares of the whole.
  func spectrum(
    _ index: Int, left: Double, top: Double, across: Double, down: Double,
    _ transform: (LumaPlane) -> PlaneTransform
  ) -> FlatSpectrum {
    let residual = residual(Kind(level: index, quarters: Int(4 * Self.trialCell), isSmooth: false))
    let (width, height) = (Double(residual.width), Double(residual.height))
    let part = residual.part(
      x: Int(left * width), y: Int(top * height), width: Int(across * width), height: Int(down * height))
    return FlatSpectrum(part, transform(part))
  }

  /// Whether a level holds a tile.
  func isLargeEnough(_ index: Int) -> Bool {
    min(width, height) >> index >= 64
  }

  private func residual(_ kind: Kind) -> LumaPlane {
    if let known = residuals[kind] { return known }
    var made: LumaPlane
    if kind.isSmooth {
      made = residual(Kind(level: kind.level, quarters: kind.quarters, isSmooth: false)).smoothed()
    } else {
      let (lumas, scale) = (level(kind.level).lumas, Double(kind.quarters) / 4)
      made = Residual.of(lumas[0], scale: scale, floor: floor)
      for luma in lumas.dropFirst() { made.add(Residual.of(luma, scale: scale, floor: floor)) }
    }
    residuals[kind] = made
    return made
  }
}

extension LumaPlane {
  /// The values of a rectangle inside.
  fileprivate func part(x: Int, y: Int, width: Int, height: Int) -> LumaPlane {
    var values: [Float] = []
    values.reserveCapacity(width * height)
    for row in y..<y + height { values += self.values[row * self.width + x..<row * self.width + x + width] }
    return LumaPlane(width: width, height: height, values: values)
  }

  fileprivate mutating func add(_ other: LumaPlane) {
    let count = values.count
    values.withUnsafeMutableBufferPointer { values in
      other.values.withUnsafeBufferPointer { other in
        for index in 0..<count { values[index] += other[index] }
      }
    }
  }

  /// Means of 2 × 2 values, half a pixel right and down of them; the last row and column stay.
  fileprivate func smoothed() -> LumaPlane {
    var result = self
    result.values.withUnsafeMutableBufferPointer { result in
      values.withUnsafeBufferPointer { values in
        for y in 0..<height - 1 {
          let line = y * width
          for x in line..<line + width - 1 {
            let (below, next) = (x &+ width, x &+ 1)
            result[x] = 0.25 * (values[x] + values[next] + values[below] + values[below &+ 1])
          }
        }
      }
    }
    return result
  }
}
