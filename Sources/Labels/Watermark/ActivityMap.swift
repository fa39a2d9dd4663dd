internal import CSignal

/// What the eye notices of a picture, on a grid of square cells: how bright it is and how busy. Busyness is the
/// standard deviation about a plane, so that a gradient counts as flat, over windows of 2 × 2 cells; a cell takes
/// that of the calmest window it is part of, which keeps the smooth side of an edge smooth.
struct ActivityMap {
  /// Pixels along a cell's side: 4, 8 or 16.
  let cell: Int
  /// Whole cells of the picture; what is left over at the right and bottom goes with the last ones.
  let columns: Int
  let rows: Int
  /// Grey levels 0 … 255, one a cell.
  private(set) var mean: [Float] = []
  /// Standard deviation of the calmest window.
  private(set) var calm: [Float] = []
  /// Standard deviation of the windows on average, planes taken out.
  private(set) var busy: [Float] = []
  /// Variance of the windows on average, gradients and all: what SSIM divides by.
  private(set) var variance: [Float] = []
  /// What of the cells is shown.
  let shown: ShownCells

  /// Moments of the cells, rows of the grid one after the other, at least two each way. `isCoarse` where cells are twice as wide
  /// as they should be: busyness is then that of a cell by itself, for it grows with the window. So does variance, and SSIM looks
  /// through a window of about four pixels: of wide cells it is always a cell's own.
  init(_ moments: CellMoments, isCoarse: Bool = false, shown: ShownCells = .all) {
    self.shown = shown
    cell = moments.cell
    columns = moments.columns
    rows = moments.rows
    let pixels = Float(cell * cell)
    mean = CellSums.map(moments.sum) { $0 / pixels }
    spread(ActivityWindows(moments))
    isFlat = calmness(below: Self.flat) >= Self.flatShare
    guard isCoarse || cell > Self.narrowest else { return }
    variance = CellSums.combine(moments.squares, mean) { max(0, $0 / pixels - $1 * $1) }
    let unit = 12 / Float(cell * cell - 1)
    let slope = CellSums.combine(moments.alongX, moments.alongY) { alongX, alongY in
      let (x, y) = (alongX / pixels, alongY / pixels)
      return (x * x + y * y) * unit
    }
    let own = CellSums.combine(variance, slope) { max(0, $0 - $1).squareRoot() }
    // Windows of wide cells may all reach over one that is calm, and dark as well, between busy ones.
    calm = CellSums.combine(calm, own) { min($0, Self.mostBeyondOwn * $1 + Self.leastOfOwn) }
    if isCoarse { busy = own }
  }

  /// How much of its own busyness a wide cell may be taken to have at most, and what is added to that, grey levels.
  private static let mostBeyondOwn: Float = 2
  private static let leastOfOwn: Float = 1

  /// Pixels along a side of cells whose windows are as wide as those of SSIM.
  private static let narrowest = 4
  /// Standard deviation of a flat cell at most, and the share of a flat picture's cells that are.
  private static let flat: Float = 0.15
  private static let flatShare = 0.3

  /// Whether much of the picture is flat, as graphics and pages are: what is faint there, quantisers take to nothing.
  private(set) var isFlat = false

  /// Standard deviation of a calm cell at most, and the share of a smooth picture's cells that are.
  private static let calmest: Float = 0.5
  private static let smoothShare = 0.5

  /// Whether most of the picture is smooth, as skies and gradients are, with the faint noise that tells it from a flat one.
  var isSmooth: Bool { !isFlat && calmness(below: Self.calmest) >= Self.smoothShare }

  /// The share of what is shown whose calmest window deviates by less than `deviation` grey levels.
  func calmness(below deviation: Float) -> Double {
    guard shown.shares.isEmpty else {
      let calmShares = zip(calm, shown.shares).reduce(Float(0)) { $0 + ($1.0 < deviation ? $1.1 : 0) }
      return Double(calmShares) / max(1, shownCells)
    }
    return CellSums.count(calm, below: deviation) / Double(calm.count)
  }

  /// The share of what is shown whose grey level lies between `above` and `below`.
  func share(above: Float = -.infinity, below: Float = .infinity) -> Double {
    guard shown.shares.isEmpty else {
      let shares = zip(mean, shown.shares).reduce(Float(0)) { $0 + ($1.0 > above && $1.0 < below ? $1.1 : 0) }
      return Double(shares) / max(1, shownCells)
    }
    return CellSums.count(mean, above: above, below: below) / max(1, shownCells)
  }

  /// Cells that are shown, at most all; parts of cells as such.
  var shownCells: Double { shown.total * Double(mean.count) }

  /// Busyness from which on a picture counts as textured.
  private static let textured: Float = 15
  /// Grey levels of what a codec adds, by the decoder's view.
  static let codecNoise: Float = 6

  /// Standard deviation of a picture that is as busy everywhere, grey levels: by the harmonic mean, so that calm cells count most.
  var busyness: Float {
    let clarity =
      shown.shares.isEmpty
      ? CellSums.inverseSquares(busy, plus: Self.codecNoise)
      : CellSums.products(
        shown.shares, CellSums.map(busy) { 1 / (($0 + Self.codecNoise) * ($0 + Self.codecNoise)) })
    return Float((shownCells / max(clarity, 1e-9)).squareRoot()) - Self.codecNoise
  }

  /// Whether the picture is textured all over, as grass and bark are: there no strength that stays invisible stands out well.
  var isTextured: Bool { busyness > Self.textured }

  /// What the windows say of the cells they share: the least deviation, and means.
  private mutating func spread(_ windows: ActivityWindows) {
    let (columns, rows) = (Int32(columns), Int32(rows))
    variance = CellSums.values(mean.count) { variance in
      (calm, busy) = CellSums.values(mean.count) { calm, busy in
        tm_cells_of_windows(windows.deviation, windows.variance, columns, rows, calm, busy, variance)
      }
    }
  }
}

/// Deviation about a plane, and variance, of each window of 2 × 2 cells.
struct ActivityWindows {
  let columns: Int
  let rows: Int
  private(set) var deviation: [Float]
  private(set) var variance: [Float]

  /// The windows of at least two cells each way.
  init(_ moments: CellMoments) {
    (columns, rows) = (moments.columns - 1, moments.rows - 1)
    (deviation, variance) = CellSums.values(columns * rows) { deviation, variance in
      moments.withSums { sums in
        tm_windows_of_cells(
          sums, Int32(moments.columns), Int32(moments.rows), Int32(moments.cell), deviation, variance)
      }
    }
  }
}

/// Sums over square cells that rows of a picture add up to.
struct CellMoments {
  let cell: Int
  let columns: Int
  let rows: Int
  /// Grey levels of each cell added up.
  private(set) var sum: [Float]
  private(set) var squares: [Float]
  /// Σ y · distance from the cell's middle, to the right and down.
  private(set) var alongX: [Float]
  private(set) var alongY: [Float]

  /// Cells of `cell` pixels, a multiple of 4, over a picture of at least one cell each way.
  init(width: Int, height: Int, cell: Int) {
    self.cell = cell
    columns = width / cell
    rows = height / cell
    let count = columns * rows
    // Each its own: copies of one would be made when they are first written to.
    sum = [Float](repeating: 0, count: count)
    squares = [Float](repeating: 0, count: count)
    alongX = [Float](repeating: 0, count: count)
    alongY = [Float](repeating: 0, count: count)
  }

  /// Those of `plane`.
  init(_ plane: LumaPlane, cell: Int) {
    self.init(width: plane.width, height: plane.height, cell: cell)
    plane.values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      add(LumaStrip(y: 0, count: plane.height, width: plane.width, values: base))
    }
  }

  /// Hands on all sums, which are only to be read.
  fileprivate func withSums(_ body: (tm_cell_sums) -> Void) {
    sum.withUnsafeBufferPointer { sum in
      squares.withUnsafeBufferPointer { squares in
        alongX.withUnsafeBufferPointer { alongX in
          alongY.withUnsafeBufferPointer { alongY in
            body(
              tm_cell_sums(
                sum: UnsafeMutablePointer(mutating: sum.baseAddress),
                squares: UnsafeMutablePointer(mutating: squares.baseAddress),
                along_x: UnsafeMutablePointer(mutating: alongX.baseAddress),
                along_y: UnsafeMutablePointer(mutating: alongY.baseAddress)))
          }
        }
      }
    }
  }

  /// A row of the sums of cells, one a column.
  typealias Row = UnsafeMutablePointer<Float>

  /// Has `body` set row `row` to what was summed elsewhere.
  mutating func setRow(
    _ row: Int, _ body: (_ columns: Int, _ sum: Row, _ squares: Row, _ alongX: Row, _ alongY: Row) -> Void
  ) {
    let (start, columns) = (row * columns, columns)
    sum.withUnsafeMutableBufferPointer { sum in
      squares.withUnsafeMutableBufferPointer { squares in
        alongX.withUnsafeMutableBufferPointer { alongX in
          alongY.withUnsafeMutableBufferPointer { alongY in
            guard let sum = sum.baseAddress, let squares = squares.baseAddress,
              let alongX = alongX.baseAddress, let alongY = alongY.baseAddress
            else { return }
            body(columns, sum + start, squares + start, alongX + start, alongY + start)
          }
        }
      }
    }
  }

  /// Adds up the pixels of the cells whose rows `strip` holds.
  mutating func add(_ strip: LumaStrip) {
    let cell = cell
    for line in strip.y / cell..<min(rows, (strip.y + strip.count) / cell) {
      let pixels = strip.values + (line * cell - strip.y) * strip.width
      setRow(line) { columns, sum, squares, alongX, alongY in
        let sums = tm_cell_sums(sum: sum, squares: squares, along_x: alongX, along_y: alongY)
        tm_moments_of(pixels, Int32(strip.width), Int32(columns), Int32(cell), sums)
      }
    }
  }
}
