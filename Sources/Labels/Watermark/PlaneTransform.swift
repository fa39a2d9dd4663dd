/// The two-dimensional transform of real planes of one size; spectra keep the columns 0 … width / 2, the rest being
/// their conjugates. Owned by one worker.
final class PlaneTransform {
  /// Columns and rows of the plane: powers of two, at least 8 each.
  let width: Int
  let height: Int
  /// Columns of a spectrum: `width` / 2 + 1.
  let columns: Int
  private let alongRows: FourierTransform
  private let alongColumns: FourierTransform
  private var work: [Float]
  /// Columns transformed together: one cache line of floats.
  private static let strip = 16

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    columns = width / 2 + 1
    alongRows = FourierTransform(length: width)
    alongColumns = FourierTransform(length: height)
    work = [Float](repeating: 0, count: 4 * max(8 * width, Self.strip * height))
  }

  /// The spectrum of `plane` (`height` × `width`) into `re` and `im` (`height` × `columns`).
  func forward(
    _ plane: UnsafePointer<Float>, _ re: UnsafeMutablePointer<Float>, _ im: UnsafeMutablePointer<Float>
  ) {
    withWork(each: 8 * width) { a, b, c, d in
      // Two rows are the real and the imaginary part of one sequence; eight such pairs would need a transposition,
      // so pairs go one by one: the later stages of the transform run over neighbours anyway.
      for row in stride(from: 0, to: height, by: 2) {
        let upper = plane + row * width
        a.update(from: upper, count: width)
        b.update(from: upper + width, count: width)
        alongRows.transform(a, b, lanes: 1, c, d, isInverse: false)
        let (r0, i0) = (re + row * columns, im + row * columns)
        let (r1, i1) = (r0 + columns, i0 + columns)
        for k in 0..<columns {
          let mirror = (width - k) & (width - 1)
          r0[k] = 0.5 * (a[k] + a[mirror])
          i0[k] = 0.5 * (b[k] - b[mirror])
          r1[k] = 0.5 * (b[k] + b[mirror])
          i1[k] = 0.5 * (a[mirror] - a[k])
        }
      }
    }
    transformColumns(re, im, isInverse: false)
  }

  /// The plane whose spectrum is `re`, `im`, scaled to undo `forward`; the spectrum is used up.
  func inverse(
    _ re: UnsafeMutablePointer<Float>, _ im: UnsafeMutablePointer<Float>, _ plane: UnsafeMutablePointer<Float>
  ) {
    transformColumns(re, im, isInverse: true)
    let scale = 1 / Float(width * height)
    withWork(each: 8 * width) { a, b, c, d in
      for row in stride(from: 0, to: height, by: 2) {
        let (r0, i0) = (re + row * columns, im + row * columns)
        let (r1, i1) = (r0 + columns, i0 + columns)
        for k in 0..<columns {
          a[k] = r0[k] - i1[k]
          b[k] = i0[k] + r1[k]
        }
        for k in columns..<width {
          let mirror = width - k
          a[k] = r0[mirror] + i1[mirror]
          b[k] = r1[mirror] - i0[mirror]
        }
        alongRows.transform(a, b, lanes: 1, c, d, isInverse: true)
        let upper = plane + row * width
        for x in 0..<width {
          upper[x] = a[x] * scale
          upper[width &+ x] = b[x] * scale
        }
      }
    }
  }

  private func transformColumns(
    _ re: UnsafeMutablePointer<Float>, _ im: UnsafeMutablePointer<Float>, isInverse: Bool
  ) {
    withWork(each: Self.strip * height) { a, b, c, d in
      for left in stride(from: 0, to: columns, by: Self.strip) {
        let lanes = min(Self.strip, columns - left)
        for row in 0..<height {
          let source = row * columns + left
          for lane in 0..<lanes {
            a[row * lanes + lane] = re[source + lane]
            b[row * lanes + lane] = im[source + lane]
          }
        }
        alongColumns.transform(a, b, lanes: lanes, c, d, isInverse: isInverse)
        for row in 0..<height {
          let target = row * columns + left
          for lane in 0..<lanes {
            re[target + lane] = a[row * lanes + lane]
            im[target + lane] = b[row * lanes + lane]
          }
        }
      }
    }
  }

  private func withWork(
    each count: Int,
    _ body: (
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    work.withUnsafeMutableBufferPointer { work in
      guard let base = work.baseAddress else { return }
      body(base, base + count, base + 2 * count, base + 3 * count)
    }
  }
}
