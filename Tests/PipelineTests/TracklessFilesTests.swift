import Labels
import MediaCore
import Testing

@testable import TouchmarkPipeline

/// Files that hold no track have nothing to see or hear that a label could be put into.
@Suite struct TracklessFilesTests {
  private static func box(_ type: String, _ content: [UInt8] = []) -> [UInt8] {
    [0, 0, 0, UInt8(8 + content.count)] + Array(type.utf8) + content
  }

  private static func element(_ id: [UInt8], _ content: [UInt8]) -> [UInt8] {
    id + [0x40 | UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
  }

  private static let files: [(name: String, bytes: [UInt8])] = [
    (
      "movie.mp4",
      box("ftyp", Array("isom".utf8) + [0, 0, 2, 0] + Array("isom".utf8))
        + box(
          "moov", box("mvhd", [UInt8](repeating: 0, count: 14) + [3, 232] + [UInt8](repeating: 0, count: 84)))
        + box("mdat")
    ),
    (
      "segment.mkv",
      element([0x1A, 0x45, 0xDF, 0xA3], element([0x42, 0x82], Array("matroska".utf8)))
        + element(
          [0x18, 0x53, 0x80, 0x67], element([0x15, 0x49, 0xA9, 0x66], element([0x4D, 0x80], [0x78])))
    ),
    ("header.flv", Array("FLV".utf8) + [1, 0, 0, 0, 0, 9, 0, 0, 0, 0]),
  ]

  @Test(arguments: files.indices) func theMessageSaysSo(_ index: Int) throws {
    let shop = try Workshop()
    let (name, bytes) = Self.files[index]
    let input = FilePath(try shop.write(name, bytes))
    var record = Workshop.record()
    record.watermarkKey = WatermarkKey(bytes: Array(1...32))
    for layers in [["explicit", "metadata", "watermark", "iptc"], ["watermark", "metadata"]] {
      let configuration = LabelConfiguration(record: record, layers: layers.map { LabelID(rawValue: $0) })
      let error = #expect(throws: MediaError.self) {
        try Labeller(configuration).label(Job(input: input, output: shop.filePath("out/\(name)")))
      }
      let message = error?.message ?? ""
      #expect(
        message.contains("cannot be put into this file: it holds no track; --layers metadata"), "\(message)")
      #expect(!message.contains("--layers metadata,watermark"), "\(message)")
      #expect(shop.tree("out").isEmpty)
    }
  }
}
