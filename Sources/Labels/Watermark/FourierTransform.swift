#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// One-dimensional discrete Fourier transforms of one power-of-two length, many side by side: Stockham's radix-4
/// algorithm, which needs no reordering, so that every inner loop runs over neighbouring floats.
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

  /// Transforms `lanes` interleaved sequences in place: point k of lane j is at k × `lanes` + j. `workRe` and `workIm` have
  /// as many floats. The inverse is not scaled.
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
      for q in 0..<stride {
        let (ar, ai, br, bi) = (xr[q], xi[q], xr[q &+ stride], xi[q &+ stride])
        yr[q] = ar + br
        yi[q] = ai + bi
        yr[q &+ stride] = ar - br
        yi[q &+ stride] = ai - bi
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
          let (c1, s1) = (cosines[p * step], sines[p * step])
          let (c2, s2) = (cosines[2 * p * step], sines[2 * p * step])
          let (c3, s3) = (cosines[3 * p * step], sines[3 * p * step])
          let (ar, ai) = (xr + stride * p, xi + stride * p)
          let (br, bi) = (ar + span, ai + span)
          let (cr, ci) = (br + span, bi + span)
          let (dr, di) = (cr + span, ci + span)
          let (o0r, o0i) = (yr + 4 * stride * p, yi + 4 * stride * p)
          let (o1r, o1i) = (o0r + stride, o0i + stride)
          let (o2r, o2i) = (o1r + stride, o1i + stride)
          let (o3r, o3i) = (o2r + stride, o2i + stride)
          for q in 0..<stride {
            let (sumR, sumI) = (ar[q] + cr[q], ai[q] + ci[q])
            let (lessR, lessI) = (ar[q] - cr[q], ai[q] - ci[q])
            let (moreR, moreI) = (br[q] + dr[q], bi[q] + di[q])
            let (turnR, turnI) = (bi[q] - di[q], dr[q] - br[q])
            o0r[q] = sumR + moreR
            o0i[q] = sumI + moreI
            let (e1r, e1i) = (lessR + turnR, lessI + turnI)
            o1r[q] = e1r * c1 - e1i * s1
            o1i[q] = e1r * s1 + e1i * c1
            let (e2r, e2i) = (sumR - moreR, sumI - moreI)
            o2r[q] = e2r * c2 - e2i * s2
            o2i[q] = e2r * s2 + e2i * c2
            let (e3r, e3i) = (lessR - turnR, lessI - turnI)
            o3r[q] = e3r * c3 - e3i * s3
            o3i[q] = e3r * s3 + e3i * c3
          }
        }
      }
    }
  }
}
