internal import MediaCore

/// Blends plate and ink into the planes of a region, source-over on samples that are not premultiplied.
enum RegionBlend {
  /// `region` under the label. Samples that nothing covers keep their value.
  static func blend(_ region: Region, _ coverage: PlateCoverage, _ style: LabelStyle) -> Region {
    var result = region
    let plate = region.model.samples(grey: style.plate)
    let ink = region.model.samples(grey: style.ink)
    var latest: Layer?
    for index in result.planes.indices {
      let plane = region.planes[index]
      let reused = latest.flatMap { $0.fits(plane) ? $0 : nil }
      let layer = reused ?? Layer(coverage, opacity: style.opacity, over: plane)
      latest = layer
      let alpha = region.alpha.map { Footprint.mean($0, over: plane) }
      let scale = Scale(plane, isChroma: region.model.isChroma(index))
      composite(
        &result.planes[index].samples, layer, plate: scale.sample(plate[index]),
        ink: scale.sample(ink[index]),
        maxValue: Float(plane.maxValue), alpha: alpha)
    }
    if let alpha = region.alpha {
      result.alpha?.samples = opacity(alpha, Layer(coverage, opacity: style.opacity, over: alpha))
    }
    return result
  }

  /// Plate and ink coverage, 0 … 1, at a plane's own resolution.
  private struct Layer {
    let plate: [Float]
    let ink: [Float]
    private let size: PixelSize

    init(_ coverage: PlateCoverage, opacity: Double, over plane: SamplePlane) {
      let size = PixelSize(width: coverage.width, height: coverage.height)
      plate = Footprint.mean(coverage.plate, size, over: plane, scale: Float(opacity / 255))
      ink = Footprint.mean(coverage.ink, size, over: plane, scale: 1 / 255)
      self.size = PixelSize(width: plane.width, height: plane.height)
    }

    /// Whether `plane` has the samples this was made for.
    func fits(_ plane: SamplePlane) -> Bool { size == PixelSize(width: plane.width, height: plane.height) }
  }

  /// From 0 … 1 to samples; chroma is centred on (`maxValue` + 1) / 2.
  private struct Scale {
    let black: Float
    let white: Float
    let middle: Float
    let isChroma: Bool

    init(_ plane: SamplePlane, isChroma: Bool) {
      black = Float(plane.black)
      white = Float(plane.white)
      middle = (Float(plane.maxValue) + 1) / 2
      self.isChroma = isChroma
    }

    func sample(_ value: Double) -> Float { isChroma ? middle : black + Float(value) * (white - black) }
  }

  private static func composite(
    _ samples: inout [UInt16], _ layer: Layer, plate: Float, ink: Float, maxValue: Float, alpha: [Float]?
  ) {
    samples.withUnsafeMutableBufferPointer { samples in
      layer.plate.withUnsafeBufferPointer { plates in
        layer.ink.withUnsafeBufferPointer { inks in
          if let alpha {
            for index in 0..<samples.count {
              let (a, i) = (plates[index], inks[index])
              if a == 0, i == 0 { continue }
              let below = alpha[index] * (1 - a)
              let plated = a + below
              let under = plated > 0 ? (plate * a + Float(samples[index]) * below) / plated : plate
              let beneath = plated * (1 - i)
              samples[index] = rounded(
                (ink * i + under * beneath) / max(i + beneath, .leastNormalMagnitude), maxValue)
            }
            return
          }
          for index in 0..<samples.count {
            let ground = Float(samples[index])
            let under = ground + (plate - ground) * plates[index]
            samples[index] = rounded(under + (ink - under) * inks[index], maxValue)
          }
        }
      }
    }
  }

  /// The nearest integer 0 … `maxValue`. Added to 2²³ a float's last bits are the integer: a conversion that checks
  /// its range keeps the loop from being vectorised.
  @inline(__always)
  private static func rounded(_ value: Float, _ maxValue: Float) -> UInt16 {
    UInt16(truncatingIfNeeded: (min(max(value, 0), maxValue) + 0x1p23).bitPattern)
  }

  private static func opacity(_ alpha: SamplePlane, _ layer: Layer) -> [UInt16] {
    let maxValue = Float(alpha.maxValue)
    var samples = alpha.samples
    for index in samples.indices {
      let clear = (1 - layer.plate[index]) * (1 - layer.ink[index])
      if clear == 1 { continue }
      samples[index] = UInt16(maxValue - (maxValue - Float(samples[index])) * clear + 0.5)
    }
    return samples
  }
}
