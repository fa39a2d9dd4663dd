import Foundation
import MediaCore
import Testing

@testable import Labels

/// Pictures of which only a part is shown, as cut-outs are.
@Suite struct TransparentPictureTests {
  /// Soft shapes and grain of `grain` grey levels, transparent but for the right `share`.
  private static func picture(_ channels: PackedChannels, shown share: Double, grain: Float, seed: UInt64 = 3)
    -> PackedPicture
  {
    let side = 420
    var random = PolarCodeTests.Random(state: seed)
    let luma = (0..<side * side).map { index -> UInt8 in
      let (x, y) = (Double(index % side), Double(index / side))
      let shape = 120 + 40 * sin(x / 31) * cos(y / 43) + 15 * sin((2 * x - y) / 17)
      return UInt8(min(max(Float(shape) + grain * random.normal(), 0), 255))
    }
    return PackedPicture(side, side, channels) { x, y, channel in
      if channels.hasAlpha && channel == channels.rawValue - 1 {
        return Double(x) < (1 - share) * Double(side) ? 0 : 255
      }
      return luma[y * side + x]
    }
  }

  /// What is claimed to be marked must be read, and what could be must not be refused for what is not shown.
  @Test(arguments: [PackedChannels.rgba, .grayAlpha], [0.25, 0.5, 0.75])
  func whatIsNotShownDoesNotCount(_ channels: PackedChannels, _ share: Double) throws {
    for (grain, mustBeMarked) in [(Float(4), share >= 0.5), (30, false)] {
      let frame = Self.picture(channels, shown: share, grain: grain)
      do {
        _ = try FlatGraphicsMarkTests.mark(frame)
        #expect(
          try FlatGraphicsMarkTests.payloads(in: frame) == [WatermarkTests.payload.description],
          "grain \(grain)")
      } catch let error as MediaError where error.code == .insufficientCapacity {
        #expect(!mustBeMarked, "grain \(grain): \(error)")
      }
    }
  }

  @Test func aPictureOfWhichAllIsShownIsMarkedAsWithoutTransparency() throws {
    let (opaque, plain) = (
      Self.picture(.rgba, shown: 1, grain: 5), Self.picture(.rgb, shown: 1, grain: 5)
    )
    let (first, second) = (try FlatGraphicsMarkTests.mark(opaque), try FlatGraphicsMarkTests.mark(plain))
    #expect(first.fields == second.fields)
    for pixel in 0..<plain.size.pixelCount {
      for channel in 0..<3 where opaque.samples[4 * pixel + channel] != plain.samples[3 * pixel + channel] {
        Issue.record("channel \(channel) of pixel \(pixel) differs")
        return
      }
    }
  }

  @Test func sharesOfCellsAreThoseOfTheirPixels() throws {
    let frame = Self.picture(.rgba, shown: 0.5, grain: 0)
    let moments = CellMoments(width: 420, height: 420, cell: 4)
    for shown in [try ShownCells(frame, on: moments), try ShownCells(frame.planes, on: moments)] {
      #expect(shown.shares.count == 105 * 105)
      // 210 pixels are 52 cells and a half.
      for (index, share) in shown.shares.enumerated() {
        let column = index % 105
        #expect(share == (column < 52 ? 0 : column == 52 ? 0.5 : 1))
      }
      #expect(abs(shown.total - 0.5) < 0.01)
    }
    #expect(try ShownCells(Self.picture(.rgba, shown: 1, grain: 0), on: moments).shares.isEmpty)
    #expect(try ShownCells(Self.picture(.rgb, shown: 1, grain: 0), on: moments).total == 1)
    #expect(try ShownCells(Self.picture(.rgba, shown: 0, grain: 0), on: moments).total == 0)
  }

  /// Nothing is to be seen of it, so that there is nothing to mark.
  @Test(arguments: [PackedChannels.rgba, .grayAlpha]) func whatIsFullyTransparentIsRefused(
    _ channels: PackedChannels
  ) {
    let frame = Self.picture(channels, shown: 0, grain: 4)
    let before = frame.samples
    #expect(throws: MediaError.self) { try FlatGraphicsMarkTests.mark(frame) }
    #expect(frame.samples == before)
  }
}
