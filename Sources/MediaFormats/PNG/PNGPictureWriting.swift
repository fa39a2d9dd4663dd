internal import CImageIO
internal import MediaCore

extension PNGFormat: PictureWriting {
  /// RGB of 8 bits, every row with the Paeth filter, deflate at zlib's default level.
  func write(_ picture: RGBPicture, to output: OutputFile) throws(MediaError) {
    let rows = Self.filtered(picture)
    let room = tm_deflate_bound(rows.count)
    var stream: [UInt8] = [0x78, 0x9C]
    stream += [UInt8](unsafeUninitializedCapacity: room) { target, count in
      count = rows.withUnsafeBufferPointer {
        tm_deflate_run(
          tm_deflate_settings(level: 6, strategy: 0, window_bits: 15), nil, 0, $0.baseAddress, rows.count, 0,
          1, target.baseAddress, room)
      }
    }
    guard stream.count > 2 else {
      throw MediaError(.internalFault, .encode, "zlib refused to compress \(rows.count) bytes")
    }
    stream += rows.withUnsafeBufferPointer { tm_adler32($0.baseAddress, $0.count) }.bigEndianBytes
    let size = [picture.size.width, picture.size.height].flatMap { UInt32($0).bigEndianBytes }
    try output.write(Array(PNGStructure.signature))
    try output.write(PNGChunk.serialized(.ihdr, size + [8, 2, 0, 0, 0]))
    try output.write(PNGChunk.serialized(.idat, stream))
    try output.write(PNGChunk.serialized(.iend, []))
  }

  private static func filtered(_ picture: RGBPicture) -> [UInt8] {
    let width = 3 * picture.size.width
    let noRow = [UInt8](repeating: 0, count: width)
    var rows = [UInt8](repeating: 4, count: (width + 1) * picture.size.height)
    picture.samples.withUnsafeBufferPointer { samples in
      noRow.withUnsafeBufferPointer { noRow in
        rows.withUnsafeMutableBufferPointer { rows in
          guard let samples = samples.baseAddress, let noRow = noRow.baseAddress, let rows = rows.baseAddress
          else { return }
          for y in 0..<picture.size.height {
            let prior = y > 0 ? samples + (y - 1) * width : noRow
            PNGFilter.filter(
              4, samples + y * width, prior: prior, into: rows + (y * (width + 1) + 1), count: width, unit: 3)
          }
        }
      }
    }
    return rows
  }
}
