import Foundation
import MediaCore

@testable import MediaFormats

/// JPEG files made by other programs in a folder of their own, removed when the value goes.
final class JPEGWorkshop {
  /// A way of coding a picture: the program's options, and what the header then says.
  struct Recipe: Sendable, CustomStringConvertible {
    let name: String
    let command: String
    let coding: String
    var description: String { name }
  }

  static let recipes: [Recipe] = [
    .init(name: "444", command: "cjpeg -sample 1x1", coding: "baseline YCbCr 4:4:4"),
    .init(name: "422", command: "cjpeg -sample 2x1", coding: "baseline YCbCr 4:2:2"),
    .init(name: "420", command: "cjpeg -sample 2x2", coding: "baseline YCbCr 4:2:0"),
    .init(name: "411", command: "cjpeg -sample 4x1", coding: "baseline YCbCr 4:1:1"),
    .init(name: "440", command: "cjpeg -sample 1x2", coding: "baseline YCbCr 4:4:0"),
    .init(name: "410", command: "cjpeg -sample 4x2", coding: "baseline YCbCr 4:1:0"),
    .init(name: "mixed", command: "cjpeg -sample 2x2,1x2,2x1", coding: "baseline YCbCr 2x2,1x2,2x1"),
    .init(name: "grey", command: "cjpeg -grayscale", coding: "baseline greyscale"),
    .init(name: "rgb", command: "cjpeg -rgb", coding: "baseline RGB 4:4:4"),
    .init(name: "progressive", command: "cjpeg -progressive", coding: "progressive YCbCr 4:2:0"),
    .init(name: "optimised", command: "cjpeg -optimize -quality 40", coding: "baseline YCbCr 4:2:0"),
    .init(name: "restarts", command: "cjpeg -restart 3B", coding: "baseline YCbCr 4:2:0"),
    .init(name: "arithmetic", command: "cjpeg -arithmetic", coding: "sequential arithmetic YCbCr 4:2:0"),
    .init(
      name: "arithmetic progressive", command: "cjpeg -arithmetic -progressive",
      coding: "progressive arithmetic YCbCr 4:2:0"),
    .init(
      name: "cmyk", command: "convert ppm:- -colorspace CMYK -quality 90 jpg:-", coding: "baseline YCCK 4:4:4"
    ),
  ]

  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "touchmark-jpeg-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  /// Runs a shell command in the folder; throws when it fails.
  @discardableResult func shell(_ command: String) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", "set -o pipefail; cd '\(path)'; \(command)"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw MediaError(.internalFault, .decode, "failed: \(command)")
    }
    return [UInt8](data)
  }

  func make(_ recipe: Recipe, size: String = "173x149") throws {
    try shell("convert -seed 3 -size \(size) plasma:tan-navy -depth 8 ppm:- | \(recipe.command) > in.jpg")
  }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name))))
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
  }

  func open(_ name: String, limits: Limits = Limits()) throws -> (file: any MediaFile, input: InputFile) {
    let input = try InputFile(path: file(name))
    return (try JPEGFormat().open(input, limits: limits, scratch: Scratch()), input)
  }

  /// Rewrites `in.jpg` to `out.jpg`; with `paint`, a rectangle is inverted. Returns the box that may have changed.
  @discardableResult func rewrite(
    paint: PixelRect? = nil, changes: MetadataChanges = MetadataChanges()
  ) throws -> PixelRect {
    let (opened, input) = try open("in.jpg")
    let output = try OutputFile(path: file("out.jpg"))
    var box = PixelRect(x: 0, y: 0, width: 0, height: 0)
    let visitor: FrameVisitor = { (frame) throws(MediaError) in
      guard let paint else { return }
      var region = try frame.readRegion(paint)
      for plane in region.planes.indices {
        let (h, v) = (region.planes[plane].horizontalSubsampling, region.planes[plane].verticalSubsampling)
        let width = region.planes[plane].width
        for index in region.planes[plane].samples.indices {
          let x = region.rect.x + index % width * h
          let y = region.rect.y + index / width * v
          let isInside = x >= paint.x && x < paint.maxX && y >= paint.y && y < paint.maxY
          if isInside { region.planes[plane].samples[index] = 255 - region.planes[plane].samples[index] }
        }
      }
      box = try frame.writeRegion(region)
    }
    let frames = paint == nil ? nil : FrameEdit(visitor: visitor)
    try opened.rewrite(to: output, changes: changes, edit: MediaEdit(frames: frames))
    try output.commit(.rename)
    _ = input
    return box
  }

  /// Raw samples, four 8-bit channels a pixel at most, by a decoder that is not ours.
  func pixels(_ name: String, _ decoder: String) throws -> [UInt8] { try shell("\(decoder) \(name)") }
}
