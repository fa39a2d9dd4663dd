internal import MediaCore

extension PNGChunkEdits {
  /// Known chunks that an unknown editor may not copy but that hold for the edited picture as they are: they say
  /// how to show it, not what it shows.
  private static let kept: Set<PNGChunkType> = Set(
    [
      "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "mDCV", "cLLI", "bKGD", "hIST", "tRNS", "sPLT", "tIME",
      "pCAL", "sTER",
    ].map { PNGChunkType($0) })

  /// Adds what the edits of `frame` ask of the other chunks.
  mutating func addPicture(_ frame: PNGFrame, of structure: PNGStructure, in input: InputFile)
    throws(MediaError)
  {
    let isWidened = structure.header.colorType == .palette && frame.palette == nil
    for (index, chunk) in structure.chunks.enumerated() where edits[index] == nil {
      switch chunk.type {
      case .ihdr where frame.isTranscoded: replace(index, chunk.type, frame.header.bytes)
      case .plte, .hist, .trns:
        if isWidened, structure.header.colorType == .palette {
          edits[index] = .drop
        } else if frame.isTranscoded || frame.palette?.hasChanged == true {
          try updatePalette(index, chunk, frame, input)
        }
      case .bkgd, .sbit:
        if frame.isTranscoded { try convert(index, chunk, frame, structure, input) }
      default: dropIfUnsafe(index, chunk)
      }
    }
    notes += frame.notes
  }

  private mutating func replace(_ index: Int, _ type: PNGChunkType, _ data: [UInt8]) {
    edits[index] = .replace(PNGChunk.serialized(type, data))
  }

  private mutating func updatePalette(
    _ index: Int, _ chunk: PNGChunk, _ frame: PNGFrame, _ input: InputFile
  ) throws(MediaError) {
    switch chunk.type {
    case .plte:
      if let palette = frame.palette, palette.hasChanged { replace(index, .plte, palette.colorBytes) }
    case .trns:
      if let palette = frame.palette {
        if let bytes = palette.alphaBytes { replace(index, .trns, bytes) }
      } else if frame.isTranscoded, let key = frame.key, key.count == 1 {
        replace(index, .trns, [0, UInt8(truncatingIfNeeded: key[0])])
      }
    default:
      guard let palette = frame.palette, palette.addedCount > 0,
        let data = try input.intactData(of: chunk)
      else { return }
      // One count an entry; zero would say that no pixel uses it (PNG 11.3.4.3).
      replace(index, .hist, data + (0..<palette.addedCount).flatMap { _ in [UInt8(0), 1] })
    }
  }

  /// bKGD and sBIT in the form of the new colour type (PNG 11.3.2.5, 11.3.4.1).
  private mutating func convert(
    _ index: Int, _ chunk: PNGChunk, _ frame: PNGFrame, _ structure: PNGStructure, _ input: InputFile
  ) throws(MediaError) {
    let old = structure.header
    guard frame.header.colorType != .palette, let data = try input.intactData(of: chunk) else { return }
    if old.colorType == .gray {
      guard chunk.type == .bkgd, data.count == 2 else { return }
      let level = UInt8(truncatingIfNeeded: UInt16(data[1]) & old.maxSample) &* UInt8(255 / old.maxSample)
      replace(index, .bkgd, [0, level])
    } else if chunk.type == .sbit {
      if data.count == 3, frame.header.colorType == .rgba { replace(index, .sbit, data + [8]) }
    } else if let entry = data.first.map(Int.init), entry * 3 + 2 < structure.palette.count {
      replace(index, .bkgd, (0..<3).flatMap { [0, structure.palette[entry * 3 + $0]] })
    } else {
      edits[index] = .drop
    }
  }

  private mutating func dropIfUnsafe(_ index: Int, _ chunk: PNGChunk) {
    let type = chunk.type
    guard !type.isCritical, !type.isSafeToCopy, !Self.kept.contains(type), type != .contentCredentials else {
      return
    }
    edits[index] = .drop
    notes.append(
      "chunk '\(type)' was dropped: it is not known here and its name says that it depends on the picture"
        + " (PNG 14.2)")
  }
}
