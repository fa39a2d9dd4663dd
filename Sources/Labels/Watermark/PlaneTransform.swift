/// The power spectrum of planes of one size, and the way back from such a spectrum to correlations at small shifts. Spectra
/// keep the columns 0 … width / 2, the rest being their conjugates. Owned by one worker.
final class PlaneTransform {
  /// Columns and rows of the plane: powers of two, at least 32 and 16.
  let width: Int
  let height: Int
  /// Columns of a spectrum: `width` / 2 + 1.
  let columns: Int
  /// Floats from one row of a spectrum to the next: whole strips, and no power of two, for rows are walked side by side.
  let pitch: Int
  private let alongRows: FourierTransform
  private let alongColumns: FourierTransform
  private var work: [Float]
  private var re: [Float]
  private var im: [Float]
  /// Sequences transformed together.
  private static let lanes = 8

  /// The length that holds `values`.
  static func length(for values: Int) -> Int {
    var length = 128
    while length < values { length *= 2 }
    return length
  }

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    columns = width / 2 + 1
    pitch = width / 2 + 2 * Self.lanes
    alongRows = FourierTransform(length: width)
    alongColumns = FourierTransform(length: height)
    work = [Float](repeating: 0, count: 4 * Self.lanes * max(width, height))
    re = [Float](repeating: 0, count: pitch * height)
    im = re
  }

  /// The power of `plane` at all frequencies, `height` rows of `pitch`; where the plane ends before this size, it is nothing.
  func power(of plane: LumaPlane) -> LumaPlane {
    var power = LumaPlane(width: pitch, height: height)
    withPointers { re, im, work in
      plane.values.withUnsafeBufferPointer { values in
        for top in stride(from: 0, to: height, by: 2 * Self.lanes) {
          if top < plane.height {
            forwardRows(values, plane, top, re, im, work)
          } else {
            (re + top * pitch).update(repeating: 0, count: 2 * Self.lanes * pitch)
            (im + top * pitch).update(repeating: 0, count: 2 * Self.lanes * pitch)
          }
        }
      }
      power.values.withUnsafeMutableBufferPointer { power in
        for left in stride(from: 0, to: columns, by: Self.lanes) {
          columnPower(left, re, im, work, into: power)
        }
        // Means near the highest frequency are to find something beyond it.
        for row in 0..<height {
          for k in columns..<pitch {
            power[row &* pitch &+ k] = power[row &* pitch &+ 2 &* (columns &- 1) &- k]
          }
        }
      }
    }
    return power
  }

  /// Rows 0 ..< `rows` of the inverse transform of a real and even `spectrum`, not scaled, into `plane` (`rows` × `width`).
  /// Columns from `filled` on are nothing; `rows` is at most half the height.
  func correlation(_ spectrum: LumaPlane, filled: Int, rows: Int, into plane: inout [Float]) {
    withPointers { re, im, work in
      spectrum.values.withUnsafeBufferPointer { spectrum in
        let strips = (min(filled, columns) + 2 * Self.lanes - 1) / (2 * Self.lanes)
        for strip in 0..<strips {
          inverseColumns(spectrum, 2 * Self.lanes * strip, rows, re, im, work)
        }
        for row in 0..<(rows + 2 * Self.lanes - 1) / (2 * Self.lanes) * 2 * Self.lanes {
          let first = 2 * Self.lanes * strips
          (re + row * pitch + first).update(repeating: 0, count: pitch - first)
          (im + row * pitch + first).update(repeating: 0, count: pitch - first)
        }
      }
      plane.withUnsafeMutableBufferPointer { plane in
        for top in stride(from: 0, to: rows, by: 2 * Self.lanes) {
          inverseRows(top, min(2 * Self.lanes, rows - top), re, im, work, into: plane)
        }
      }
    }
  }

  private typealias Floats = UnsafeMutablePointer<Float>

  private func withPointers(_ body: (Floats, Floats, (Floats, Floats, Floats, Floats)) -> Void) {
    let part = Self.lanes * max(width, height)
    re.withUnsafeMutableBufferPointer { re in
      im.withUnsafeMutableBufferPointer { im in
        work.withUnsafeMutableBufferPointer { work in
          guard let re = re.baseAddress, let im = im.baseAddress, let base = work.baseAddress else { return }
          body(re, im, (base, base + part, base + 2 * part, base + 3 * part))
        }
      }
    }
  }

  /// Transforms rows `top` ..< `top` + 16: row r and row r + 8 are the real and imaginary part of one sequence.
  private func forwardRows(
    _ values: UnsafeBufferPointer<Float>, _ plane: LumaPlane, _ top: Int, _ re: Floats, _ im: Floats,
    _ work: (Floats, Floats, Floats, Floats)
  ) {
    let (lanes, a, b) = (Self.lanes, work.0, work.1)
    a.update(repeating: 0, count: lanes * width)
    b.update(repeating: 0, count: lanes * width)
    guard let source = values.baseAddress else { return }
    for row in 0..<min(2 * lanes, plane.height - top) {
      let (target, line) = ((row < lanes ? a : b) + row % lanes, source + (top + row) * plane.width)
      for x in 0..<plane.width { target[x &* lanes] = line[x] }
    }
    alongRows.transform(a, b, lanes: lanes, work.2, work.3, isInverse: false)
    for lane in 0..<lanes {
      let (r0, i0) = (re + (top + lane) * pitch, im + (top + lane) * pitch)
      let (r1, i1) = (r0 + lanes * pitch, i0 + lanes * pitch)
      for k in 0..<columns {
        let (at, mirror) = (k &* lanes &+ lane, ((width &- k) & (width &- 1)) &* lanes &+ lane)
        r0[k] = 0.5 * (a[at] + a[mirror])
        i0[k] = 0.5 * (b[at] - b[mirror])
        r1[k] = 0.5 * (b[at] + b[mirror])
        i1[k] = 0.5 * (a[mirror] - a[at])
      }
    }
  }

  private func columnPower(
    _ left: Int, _ re: Floats, _ im: Floats, _ work: (Floats, Floats, Floats, Floats),
    into power: UnsafeMutableBufferPointer<Float>
  ) {
    let (lanes, a, b) = (Self.lanes, work.0, work.1)
    for row in 0..<height {
      (a + row * lanes).update(from: re + row * pitch + left, count: lanes)
      (b + row * lanes).update(from: im + row * pitch + left, count: lanes)
    }
    alongColumns.transform(a, b, lanes: lanes, work.2, work.3, isInverse: false)
    for row in 0..<height {
      let (target, source) = (row &* pitch &+ left, row &* lanes)
      for lane in 0..<min(lanes, columns &- left) {
        let (x, y) = (a[source &+ lane], b[source &+ lane])
        power[target &+ lane] = x * x + y * y
      }
    }
  }

  /// Columns `left` ..< `left` + 16 of a real spectrum: column c and column c + 8 are the parts of one sequence.
  private func inverseColumns(
    _ spectrum: UnsafeBufferPointer<Float>, _ left: Int, _ rows: Int, _ re: Floats, _ im: Floats,
    _ work: (Floats, Floats, Floats, Floats)
  ) {
    let (lanes, a, b) = (Self.lanes, work.0, work.1)
    guard let source = spectrum.baseAddress else { return }
    for row in 0..<height {
      (a + row * lanes).update(from: source + row * pitch + left, count: lanes)
      (b + row * lanes).update(from: source + row * pitch + left + lanes, count: lanes)
    }
    alongColumns.transform(a, b, lanes: lanes, work.2, work.3, isInverse: true)
    for row in 0..<rows {
      let (at, mirror) = (row &* lanes, ((height &- row) & (height &- 1)) &* lanes)
      let (r0, i0) = (re + row * pitch + left, im + row * pitch + left)
      for lane in 0..<lanes {
        r0[lane] = 0.5 * (a[at &+ lane] + a[mirror &+ lane])
        i0[lane] = 0.5 * (b[at &+ lane] - b[mirror &+ lane])
      }
      let (r1, i1) = (r0 + lanes, i0 + lanes)
      for lane in 0..<lanes {
        r1[lane] = 0.5 * (b[at &+ lane] + b[mirror &+ lane])
        i1[lane] = 0.5 * (a[mirror &+ lane] - a[at &+ lane])
      }
    }
  }

  private func inverseRows(
    _ top: Int, _ count: Int, _ re: Floats, _ im: Floats, _ work: (Floats, Floats, Floats, Floats),
    into plane: UnsafeMutableBufferPointer<Float>
  ) {
    let (lanes, a, b) = (Self.lanes, work.0, work.1)
    for lane in 0..<lanes {
      let (r0, i0) = (re + (top + lane) * pitch, im + (top + lane) * pitch)
      let (r1, i1) = (r0 + lanes * pitch, i0 + lanes * pitch)
      for k in 0..<columns {
        a[k &* lanes &+ lane] = r0[k] - i1[k]
        b[k &* lanes &+ lane] = i0[k] + r1[k]
      }
      for k in columns..<width {
        let mirror = width &- k
        a[k &* lanes &+ lane] = r0[mirror] + i1[mirror]
        b[k &* lanes &+ lane] = r1[mirror] - i0[mirror]
      }
    }
    alongRows.transform(a, b, lanes: lanes, work.2, work.3, isInverse: true)
    for row in 0..<count {
      let (target, source) = ((top &+ row) &* width, (row < lanes ? a : b) + row % lanes)
      for x in 0..<width { plane[target &+ x] = source[x &* lanes] }
    }
  }
}
