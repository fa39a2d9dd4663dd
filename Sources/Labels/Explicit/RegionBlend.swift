internal import MediaCore

/// Blends plate and ink into the planes of a region, source-over on samples that are not premultiplied.
enum RegionBlend {
  /// `region` under the label. Samples that nothing covers keep their value.
  static func blend(_ region: Region, _ coverage: PlateCoverage, _ style: LabelStyle) -> Region {
    var result = region
    let plate = region.model.samples(grey: style.plate)
    let ink = region.model.samples(grey: style.ink)
    for index in result.planes.indices {
      let plane = region.planes[index]
      let layer = Layer(coverage, opacity: style.opacity, over: plane)
      let alpha = region.alpha.map { Footprint.mean($0, over: plane) }
      let scale = Scale(plane.maxValue, isChroma: region.model.isChroma(index))
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

    init(_ coverage: PlateCoverage, opacity: Double, over plane: SamplePlane) {
      let size = PixelSize(width: coverage.width, height: coverage.height)
      plate = Footprint.mean(coverage.plate, size, over: plane, scale: Float(opacity / 255))
      ink = Footprint.mean(coverage.ink, size, over: plane, scale: 1 / 255)
    }
  }

  /// From 0 … 1 to samples; chroma is centred on (`maxValue` + 1) / 2.
  private struct Scale {
    let maxValue: Float
    let isChroma: Bool

    init(_ maxValue: UInt16, isChroma: Bool) {
      self.maxValue = Float(maxValue)
      self.isChroma = isChroma
    }

    func sample(_ value: Double) -> Float { isChroma ? (maxValue + 1) / 2 : Float(value) * maxValue }
  }

  private static func composite(
    _ samples: inout [UInt16], _ layer: Layer, plate: Float, ink: Float, maxValue: Float, alpha: [Float]?
  ) {
    for index in samples.indices {
      let a = layer.plate[index]
      let i = layer.ink[index]
      if a == 0, i == 0 { continue }
      let ground = Float(samples[index])
      var value: Float
      if let alpha {
        let below = alpha[index] * (1 - a)
        let plated = a + below
        let under = plated > 0 ? (plate * a + ground * below) / plated : plate
        let beneath = plated * (1 - i)
        value = (ink * i + under * beneath) / max(i + beneath, .leastNormalMagnitude)
      } else {
        let under = ground + (plate - ground) * a
        value = under + (ink - under) * i
      }
      value = min(max(value, 0), maxValue)
      samples[index] = UInt16(value + 0.5)
    }
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
