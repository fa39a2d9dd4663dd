internal import CSignal

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
    guard runPasses(re, im, lanes: lanes, workRe, workIm, isInverse: isInverse) else { return }
    re.update(from: workRe, count: length * lanes)
    im.update(from: workIm, count: length * lanes)
  }

  /// The same, left where the last pass puts it. Returns whether that is `workRe` and `workIm`.
  func runPasses(
    _ re: UnsafeMutablePointer<Float>, _ im: UnsafeMutablePointer<Float>, lanes: Int,
    _ workRe: UnsafeMutablePointer<Float>, _ workIm: UnsafeMutablePointer<Float>, isInverse: Bool
  ) -> Bool {
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
    return xr != (isInverse ? im : re)
  }

  private func radix4(
    _ xr: UnsafePointer<Float>, _ xi: UnsafePointer<Float>, _ yr: UnsafeMutablePointer<Float>,
    _ yi: UnsafeMutablePointer<Float>, points: Int, stride: Int
  ) {
    cosines.withUnsafeBufferPointer { cosines in
      sines.withUnsafeBufferPointer { sines in
        var pass = tm_fourier_pass(
          length: Int32(length), points: Int32(points), stride: Int32(stride), cosines: cosines.baseAddress,
          sines: sines.baseAddress)
        tm_fourier_radix4(&pass, xr, xi, yr, yi)
      }
    }
  }

  @inline(__always)
  private static func load(_ place: UnsafePointer<Float>) -> SIMD4<Float> {
    UnsafeRawPointer(place).loadUnaligned(as: SIMD4<Float>.self)
  }

  @inline(__always)
  private static func store(_ value: SIMD4<Float>, _ place: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(place).storeBytes(of: value, as: SIMD4<Float>.self)
  }
}
