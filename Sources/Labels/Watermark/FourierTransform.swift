#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// One-dimensional discrete Fourier transforms of one power-of-two length, many side by side: Stockham's radix-4
/// algorithm, which needs no reordering, so that every inner loop runs over neighbouring floats, four at a time.
struct FourierTransform {
  /// Points of one transform.
  let length: Int
  // e^(-2πi k / length) for k = 0 ..< 3/4 length.
  private let cosines: [Float]
  private let sines: [Float]

  /// `length` must be a power of two, at least 4.
  init(length: Int) {
    precondition(length >= 4 && length & (length - 1) == 0, "transforms have a power of two of points")
    self.length = length
    let angles = (0..<3 * length / 4).map { -2 * Double.pi * Double($0) / Double(length) }
    cosines = angles.map { Float(cos($0)) }
    sines = angles.map { Float(sin($0)) }
  }

  /// Transforms `lanes` interleaved sequences in place, a multiple of four: point k of lane j is at k × `lanes` + j. `workRe`
  /// and `workIm` have as many floats. The inverse is not scaled.
  func transform(
    _ re: UnsafeMutablePointer<Float>, _ im: UnsafeMutablePointer<Float>, lanes: Int,
    _ workRe: UnsafeMutablePointer<Float>, _ workIm: UnsafeMutablePointer<Float>, isInverse: Bool
  ) {
    // The inverse is the forward transform with real and imaginary parts exchanged.
    var (xr, xi) = isInverse ? (im, re) : (re, im)
    var (yr, yi) = isInverse ? (workIm, workRe) : (workRe, workIm)
    var points = length
    var stride = lanes
    while points >= 4 {
      radix4(xr, xi, yr, yi, points: points, stride: stride)
      swap(&xr, &yr)
      swap(&xi, &yi)
      points /= 4
      stride *= 4
    }
    if points == 2 {
      for q in Swift.stride(from: 0, to: stride, by: 4) {
        let (ar, ai) = (Self.load(xr + q), Self.load(xi + q))
        let (br, bi) = (Self.load(xr + q + stride), Self.load(xi + q + stride))
        Self.store(ar + br, yr + q)
        Self.store(ai + bi, yi + q)
        Self.store(ar - br, yr + q + stride)
        Self.store(ai - bi, yi + q + stride)
      }
      swap(&xr, &yr)
      swap(&xi, &yi)
    }
    let target = isInverse ? im : re
    if xr != target {
      (isInverse ? im : re).update(from: xr, count: length * lanes)
      (isInverse ? re : im).update(from: xi, count: length * lanes)
    }
  }

  private func radix4(
    _ xr: UnsafePointer<Float>, _ xi: UnsafePointer<Float>, _ yr: UnsafeMutablePointer<Float>,
    _ yi: UnsafeMutablePointer<Float>, points: Int, stride: Int
  ) {
    let quarter = points / 4
    let step = length / points
    let span = stride &* quarter
    cosines.withUnsafeBufferPointer { cosines in
      sines.withUnsafeBufferPointer { sines in
        for p in 0..<quarter {
          let (c1, s1) = (cosines[p &* step], sines[p &* step])
          let (c2, s2) = (cosines[2 &* p &* step], sines[2 &* p &* step])
          let (c3, s3) = (cosines[3 &* p &* step], sines[3 &* p &* step])
          let (source, target) = (stride &* p, 4 &* stride &* p)
          var q = 0
          while q < stride {
            let a = source &+ q
            let (b, c, d) = (a &+ span, a &+ 2 &* span, a &+ 3 &* span)
            let (ar, ai, cr, ci) = (
              Self.load(xr + a), Self.load(xi + a), Self.load(xr + c), Self.load(xi + c)
            )
            let (sumR, sumI, lessR, lessI) = (ar + cr, ai + ci, ar - cr, ai - ci)
            let (br, bi, dr, di) = (
              Self.load(xr + b), Self.load(xi + b), Self.load(xr + d), Self.load(xi + d)
            )
            let (moreR, moreI, turnR, turnI) = (br + dr, bi + di, bi - di, dr - br)
            let out = target &+ q
            Self.store(sumR + moreR, yr + out)
            Self.store(sumI + moreI, yi + out)
            let (e1r, e1i) = (lessR + turnR, lessI + turnI)
            Self.store(e1r * c1 - e1i * s1, yr + (out &+ stride))
            Self.store(e1r * s1 + e1i * c1, yi + (out &+ stride))
            let (e2r, e2i) = (sumR - moreR, sumI - moreI)
            Self.store(e2r * c2 - e2i * s2, yr + (out &+ 2 &* stride))
            Self.store(e2r * s2 + e2i * c2, yi + (out &+ 2 &* stride))
            let (e3r, e3i) = (lessR - turnR, lessI - turnI)
            Self.store(e3r * c3 - e3i * s3, yr + (out &+ 3 &* stride))
            Self.store(e3r * s3 + e3i * c3, yi + (out &+ 3 &* stride))
            q &+= 4
          }
        }
      }
    }
  }

  // Loops over eight pointers in and eight out are not vectorised: too many could overlap.
  @inline(__always)
  private static func load(_ place: UnsafePointer<Float>) -> SIMD4<Float> {
    UnsafeRawPointer(place).loadUnaligned(as: SIMD4<Float>.self)
  }

  @inline(__always)
  private static func store(_ value: SIMD4<Float>, _ place: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(place).storeBytes(of: value, as: SIMD4<Float>.self)
  }
}
