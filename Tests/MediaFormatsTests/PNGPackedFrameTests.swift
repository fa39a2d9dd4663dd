import MediaCore
import Testing

@testable import MediaFormats

/// Rows as bytes are the samples that regions show, read and written.
@Suite struct PNGPackedFrameTests {
  @Test func packedRowsAreTheSamplesOfRegions() throws {
    let specs = [0, 2, 4, 6].flatMap { type in
      [
        PNGSpec(name: "type\(type)", type: type, seed: type + 3),
        PNGSpec(name: "laced\(type)", type: type, interlace: 1, seed: type + 9),
      ]
    }
    let shop = try PNGWorkshop(specs)
    for spec in specs {
      var written: Region?
      try Self.visit(shop.source(spec.name), to: shop.result(spec.name)) { frame throws(MediaError) in
        let packed = try Self.packed(frame)
        try Self.compare(packed)
        for y in stride(from: 0, to: frame.size.height, by: 3) {
          try packed.editPackedRow(y) { row in
            for index in 0..<frame.size.width { row[index] = row[index] &+ UInt8(y) }
          }
        }
        try Self.compare(packed)
        written = try frame.readRegion(Self.whole(frame))
      }
      var read: Region?
      try Self.visit(shop.result(spec.name), to: shop.result("again")) { frame throws(MediaError) in
        read = try frame.readRegion(Self.whole(frame))
      }
      #expect(read != nil && read == written, "\(spec.name)")
    }
  }

  @Test func whatBytesDoNotSayHasNoPackedRows() throws {
    let specs = [
      PNGSpec(name: "deep", depth: 16), PNGSpec(name: "palette", type: 3),
      PNGSpec(name: "bits", type: 0, depth: 4), PNGSpec(name: "key", key: [1, 2, 3]),
    ]
    let shop = try PNGWorkshop(specs)
    for spec in specs {
      try Self.visit(shop.source(spec.name), to: shop.result(spec.name)) { frame throws(MediaError) in
        let packed = try Self.packed(frame)
        #expect(packed.packedChannels == nil, "\(spec.name)")
        #expect(throws: MediaError.self) { try packed.readPackedRow(0) { _ in } }
        #expect(throws: MediaError.self) { try packed.editPackedRow(0) { _ in } }
      }
    }
  }

  static func visit(_ source: String, to result: String, _ visitor: @escaping FrameVisitor) throws {
    let output = try OutputFile(path: result)
    let frames = FrameEdit(visitor: visitor)
    _ = try PNGEditing.open(source).rewrite(
      to: output, changes: MetadataChanges(), edit: MediaEdit(frames: frames))
    try output.commit(.rename)
  }

  static func whole(_ frame: any Frame) -> PixelRect {
    PixelRect(x: 0, y: 0, width: frame.size.width, height: frame.size.height)
  }

  static func packed(_ frame: any Frame) throws(MediaError) -> any PackedFrame {
    guard let packed = frame as? any PackedFrame else {
      throw MediaError(.internalFault, .label, "no packed frame")
    }
    return packed
  }

  static func compare(_ frame: any PackedFrame) throws(MediaError) {
    let region = try frame.readRegion(whole(frame))
    let planes = region.planes + (region.alpha.map { [$0] } ?? [])
    let (width, count) = (frame.size.width, planes.count)
    #expect(frame.packedChannels?.rawValue == count)
    for y in 0..<frame.size.height {
      var differing = 0
      try frame.readPackedRow(y) { row in
        for index in 0..<width * count
        where planes[index % count].samples[y * width + index / count] != UInt16(row[index]) {
          differing += 1
        }
      }
      #expect(differing == 0, "row \(y)")
    }
  }
}
