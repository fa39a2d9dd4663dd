import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Samples of ITU-T G.711.
@Suite struct CompandingLawTests {
  private static let laws: [(law: CompandingLaw, name: String)] = [(.mu, "mulaw"), (.a, "alaw")]

  @Test(arguments: laws) func everyByteIsWhatFFmpegSays(_ law: CompandingLaw, _ name: String) throws {
    let shop = try StreamWorkshop()
    let all = (0...255).map { UInt8($0) }
    try shop.write("in", all)
    try shop.shell("ffmpeg -v error -f \(name) -ar 8000 -ac 1 -i in -f s16le out")
    let levels = try shop.bytes("out").withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
    #expect(all.map(law.level) == levels.map(Int.init))
  }

  @Test(arguments: laws) func theNearestLevelIsTaken(_ law: CompandingLaw, _ name: String) {
    let levels = (0...255).map { law.level(UInt8($0)) }
    for level in stride(from: -40000, through: 40000, by: 7) {
      let distance = abs(law.level(law.code(Double(level))) - level)
      #expect(distance == levels.map { abs($0 - level) }.min(), "\(level)")
    }
    for code in UInt8.min...UInt8.max {
      #expect(law.level(law.code(Double(law.level(code)))) == law.level(code))
    }
  }
}
