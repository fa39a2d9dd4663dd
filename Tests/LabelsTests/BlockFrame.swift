import MediaCore

@testable import Labels

/// A grey picture held as quantised cosine transforms, as JPEG does.
final class BlockFrame: CoefficientFrame {
  let size: PixelSize
  let orientation = Orientation.up
  let lumaGrid: CoefficientGrid?
  let bluenessGrid: CoefficientGrid? = nil
  var coefficients: [Int16] { Array(UnsafeBufferPointer(start: storage, count: size.pixelCount)) }
  private let storage: UnsafeMutablePointer<Int16>
  private let steps: [Float]

  /// `frame`'s first plane, sides a multiple of 8, at `steps` in natural order.
  init(_ frame: PlaneFrame, steps: [Float]) {
    size = frame.size
    self.steps = steps
    let (columns, rows) = (frame.size.width / 8, frame.size.height / 8)
    lumaGrid = CoefficientGrid(columns: columns, rows: rows, steps: steps)
    var coefficients: [Int16] = []
    for block in 0..<columns * rows {
      let place = block / columns * 8 * frame.size.width + block % columns * 8
      let samples = (0..<64).map {
        Float(frame.planes[0].samples[place + $0 / 8 * frame.size.width + $0 % 8]) - 128
      }
      for (value, step) in zip(CosineTransform.blocks(of: samples, side: 8), steps) {
        coefficients.append(Int16((value / step).rounded()))
      }
    }
    storage = .allocate(capacity: coefficients.count)
    storage.initialize(from: coefficients, count: coefficients.count)
  }

  deinit { storage.deallocate() }

  /// Blocks of `steps` whose coefficient at each index is what `value` gives, sides of `size` multiples of 8.
  init(size: PixelSize, steps: [Float], _ value: (_ index: Int) -> Int16) {
    self.size = size
    self.steps = steps
    lumaGrid = CoefficientGrid(columns: size.width / 8, rows: size.height / 8, steps: steps)
    storage = .allocate(capacity: size.pixelCount)
    for index in 0..<size.pixelCount { storage[index] = value(index) }
  }

  func blocks(of plane: CoefficientPlane, row: Int) throws(MediaError) -> UnsafeMutablePointer<Int16> {
    storage + 8 * row * size.width
  }

  func noteEdits(of plane: CoefficientPlane, row: Int, _ edited: UnsafePointer<UInt8>) {}

  func readRegion(_ rect: PixelRect) throws(MediaError) -> Region {
    let rect = rect.aligned(to: PixelSize(width: 8, height: 8), within: size)
    var samples = [UInt16](repeating: 0, count: rect.width * rect.height)
    for y in stride(from: 0, to: rect.height, by: 8) {
      for x in stride(from: 0, to: rect.width, by: 8) {
        let block = (rect.y + y) / 8 * (size.width / 8) + (rect.x + x) / 8
        for (index, value) in Self.decoded(storage + 64 * block, steps).enumerated() {
          samples[(y + index / 8) * rect.width + x + index % 8] = value
        }
      }
    }
    return Region(
      rect: rect, model: .gray,
      planes: [SamplePlane(width: rect.width, height: rect.height, samples: samples)])
  }

  private static let basis = (0..<64).map { Float(CosineTransform.basis($0 / 8, $0 % 8)) }

  /// The samples of the block of 64 coefficients at `block`.
  static func decoded(_ block: UnsafePointer<Int16>, _ steps: [Float]) -> [UInt16] {
    var half = [Float](repeating: 0, count: 64)
    for v in 0..<8 {
      for x in 0..<8 {
        for u in 0..<8 {
          half[8 * v + x] +=
            basis[8 * u + x] * Float(block[8 * v + u]) * steps[8 * v + u]
        }
      }
    }
    return (0..<64).map { index in
      var sum: Float = 128
      for v in 0..<8 { sum += basis[8 * v + index / 8] * half[8 * v + index % 8] }
      return UInt16(min(max(sum.rounded(), 0), 255))
    }
  }

  @discardableResult func writeRegion(_ region: Region) throws(MediaError) -> PixelRect {
    throw MediaError(.internalFault, .label, "this frame is edited by its coefficients")
  }
}

extension CoefficientFrame {
  /// By way of a region: sides are multiples of 8.
  func readLuma(row: Int, into samples: UnsafeMutablePointer<UInt16>) throws(MediaError) {
    let region = try readRegion(PixelRect(x: 0, y: 8 * row, width: size.width, height: 8))
    for (index, sample) in region.planes[0].samples.enumerated() { samples[index] = sample }
  }
}
