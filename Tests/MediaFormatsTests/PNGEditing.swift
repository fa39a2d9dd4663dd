import Foundation
import MediaCore

@testable import MediaFormats

/// What tests do to PNG files.
enum PNGEditing {
  /// Paints a box with a plate, a frame and steps between the two, as a label with soft edges would.
  static func paint(_ frame: any Frame, _ rect: PixelRect) throws(MediaError) -> PixelRect {
    var region = try frame.readRegion(rect)
    for index in region.planes.indices {
      let top = Int(region.planes[index].maxValue)
      for y in 0..<rect.height {
        for x in 0..<rect.width {
          let edge = min(min(x, y), min(rect.width - 1 - x, rect.height - 1 - y), 4)
          region.planes[index].samples[y * rect.width + x] = UInt16(top * edge / 4)
        }
      }
    }
    if let alpha = region.alpha {
      region.alpha?.samples = Array(repeating: alpha.maxValue, count: alpha.samples.count)
    }
    return try frame.writeRegion(region)
  }

  struct Outcome {
    var box: PixelRect
    var notes: [String]
    /// The region under the whole of the painted rectangle as it was written.
    var written: Region?
  }

  /// Rewrites `source` to `result` with `rects` painted.
  static func rewrite(
    _ source: String, to result: String, painting rects: [PixelRect] = [],
    changes: MetadataChanges = MetadataChanges(), limits: Limits = Limits()
  ) throws -> Outcome {
    let file = try open(source, limits: limits)
    let output = try OutputFile(path: result)
    var box = PixelRect(x: 0, y: 0, width: 0, height: 0)
    var written: Region?
    let visitor: FrameVisitor = { (frame: any Frame) throws(MediaError) in
      for rect in rects {
        box = box.union(try paint(frame, rect))
        written = try frame.readRegion(rect)
      }
    }
    let frames = rects.isEmpty ? nil : FrameEdit(visitor: visitor)
    let notes = try file.rewrite(to: output, changes: changes, edit: MediaEdit(frames: frames))
    try output.commit(.rename)
    return Outcome(box: box, notes: notes.notes, written: written)
  }

  static func open(_ path: String, limits: Limits = Limits()) throws -> any MediaFile {
    try PNGFormat().open(try InputFile(path: path), limits: limits, scratch: Scratch())
  }

  static func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// Type and whole bytes of each chunk, and what is behind the last, read without the code under test.
  static func chunks(_ file: [UInt8]) -> [(type: String, bytes: [UInt8])] {
    var chunks: [(String, [UInt8])] = []
    var offset = 8
    while offset + 12 <= file.count {
      let length = file[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      let type = String(decoding: file[offset + 4..<offset + 8], as: UTF8.self)
      let end = min(file.count, offset + 12 + length)
      chunks.append((type, Array(file[offset..<end])))
      offset = end
      if type == "IEND" { break }
    }
    chunks.append(("", Array(file[offset...])))
    return chunks
  }

  static func ancillary(_ file: [UInt8]) -> [String] {
    chunks(file).filter { $0.type != "IDAT" }.map { "\($0.type) \($0.bytes)" }
  }
}
