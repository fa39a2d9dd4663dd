internal import MediaCore

extension LumaReducer {
  /// Adds all rows of `samples`, as 0 … 255.
  mutating func add(_ samples: LumaSamples) {
    var line = [Float](repeating: 0, count: samples.width)
    for y in 0..<samples.height {
      line.withUnsafeMutableBufferPointer { line in
        guard let base = line.baseAddress else { return }
        samples.read(row: y, into: base)
        add(base, y: y)
      }
    }
  }
}

extension LumaSamples {
  /// Row `y` as 0 … 255.
  func read(row y: Int, into line: UnsafeMutablePointer<Float>) {
    let scale = 255 / Float(maxValue)
    if isWide {
      let source = row(y).assumingMemoryBound(to: UInt16.self)
      for x in 0..<width { line[x] = Float(source[x]) * scale }
    } else {
      let source = row(y).assumingMemoryBound(to: UInt8.self)
      for x in 0..<width { line[x] = Float(source[x]) }
    }
  }
}
