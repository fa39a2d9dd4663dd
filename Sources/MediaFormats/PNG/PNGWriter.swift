internal import CImageIO
internal import MediaCore

/// Writes a file from the chunks of another: those not edited are copied as ranges of bytes.
struct PNGWriter {
  private static let copyBytes = 1 << 18

  let structure: PNGStructure
  let input: InputFile
  let output: OutputFile
  let scratch: Scratch

  /// Writes all chunks with `edits`, the image data from `image` if given, and what stands behind IEND.
  func write(_ edits: PNGChunkEdits, image: DeflateSplice?) throws(MediaError) {
    let buffer = scratch.borrow(Self.copyBytes)
    // Bytes of the input from here on are not written yet.
    var pending = 0
    for (index, chunk) in structure.chunks.enumerated() {
      let isNewImage = image != nil && index == structure.imageIndex
      if let edit = edits.edits[index] {
        try copy(pending..<chunk.offset, buffer)
        pending = chunk.end
        if case .replace(let bytes) = edit { try output.write(bytes) }
      } else if isNewImage, let image {
        try copy(pending..<chunk.offset, buffer)
        pending = chunk.end
        try write(image)
      }
      if index == 0, !edits.insertions.isEmpty {
        try copy(pending..<chunk.end, buffer)
        pending = max(pending, chunk.end)
        for bytes in edits.insertions { try output.write(bytes) }
      }
    }
    try copy(pending..<input.size, buffer)
  }

  private func copy(_ range: Range<Int>, _ buffer: ScratchBuffer) throws(MediaError) {
    var offset = range.lowerBound
    while offset < range.upperBound {
      let count = min(buffer.bytes.count, range.upperBound - offset)
      let slice = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<count])
      guard try input.read(into: slice, at: offset) == count else {
        throw MediaError(.io, .encode, "file shrank while it was copied")
      }
      try output.write(UnsafeRawBufferPointer(slice))
      offset += count
    }
  }

  /// Cuts the stream into IDAT chunks as long as the source's.
  private func write(_ image: DeflateSplice) throws(MediaError) {
    let usual = structure.imageChunkCount > 1 ? max(structure.firstImageChunkLength, 1024) : image.byteCount
    let size = min(usual, image.byteCount, 0x7FFF_FFFF)
    var left = image.byteCount
    var room = 0
    var crc: UInt32 = 0
    try image.write { (bytes: UnsafeRawBufferPointer) throws(MediaError) in
      var start = 0
      while start < bytes.count {
        if room == 0 {
          room = min(size, left)
          left -= room
          let type = PNGChunkType.idat.bytes
          try output.write(UInt32(truncatingIfNeeded: room).bigEndianBytes + type)
          crc = PNGChunk.crc(of: type[...])
        }
        let count = min(room, bytes.count - start)
        let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
        crc = tm_crc32(crc, part.bindMemory(to: UInt8.self).baseAddress, count)
        try output.write(part)
        start += count
        room -= count
        if room == 0 { try output.write(crc.bigEndianBytes) }
      }
    }
    guard left == 0, room == 0 else {
      throw MediaError(.internalFault, .encode, "image data came out \(left + room) bytes short")
    }
  }
}
