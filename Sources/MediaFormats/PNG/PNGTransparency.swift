internal import MediaCore

/// The ancillary chunks that change what stored samples look like.
struct PNGTransparency: Sendable {
  /// The grey level or the RGB colour that shows as transparent (`tRNS`, PNG 11.3.1.1); nil without.
  var key: [UInt16]?
  /// The alpha of the first palette entries; empty without.
  var paletteAlpha: [UInt8] = []

  /// Reads `tRNS`; one of a wrong size, with a bad CRC or in front of PLTE is as good as absent, as decoders have it.
  init(_ structure: PNGStructure, in input: InputFile) throws(MediaError) {
    guard let chunk = structure.first(.trns), let data = try input.intactData(of: chunk) else { return }
    let header = structure.header
    switch header.colorType {
    case .gray where data.count == 2:
      key = [(UInt16(data[0]) << 8 | UInt16(data[1])) & header.maxSample]
    case .rgb where data.count == 6:
      key = (0..<3).map { (UInt16(data[2 * $0]) << 8 | UInt16(data[2 * $0 + 1])) & header.maxSample }
    case .palette where (1...structure.palette.count / 3).contains(data.count):
      let palette = structure.first(.plte)
      if let palette, palette.offset < chunk.offset { paletteAlpha = data }
    default: break
    }
  }
}
