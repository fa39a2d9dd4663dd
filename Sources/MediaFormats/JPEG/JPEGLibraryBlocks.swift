internal import CImageIO
internal import MediaCore

/// All coefficients of a file in libjpeg's memory.
final class JPEGLibraryBlocks: JPEGBlocks {
  private let handle: OpaquePointer
  // The library reads from these bytes.
  private let source: ScratchBuffer
  // Bytes of the file up to and including the end of the image.
  private let end: Int

  /// Decodes the entropy-coded data of `source`. Throws `malformed` for what the library so much as warns of,
  /// `unsupported`, `limitExceeded`.
  init(_ source: ScratchBuffer) throws(MediaError) {
    guard let handle = tm_jpeg_create() else {
      throw MediaError(.internalFault, .decode, "no memory for a JPEG decoder")
    }
    self.source = source
    var end = 0
    let status = tm_jpeg_read(
      handle, source.bytes.bindMemory(to: UInt8.self).baseAddress, source.bytes.count, &end)
    guard status == TM_JPEG_OK else {
      let error = Self.error(status, handle, .decode)
      tm_jpeg_destroy(handle)
      throw error
    }
    self.handle = handle
    self.end = end
  }

  deinit { tm_jpeg_destroy(handle) }

  func component(_ index: Int) -> tm_jpeg_component { tm_jpeg_component_at(handle, Int32(index)) }

  func blocks(
    of component: Int, row: Int, columns: Range<Int>
  ) throws(MediaError) -> UnsafeMutablePointer<Int16> {
    guard let blocks = tm_jpeg_block_row(handle, Int32(component), Int32(row)) else {
      throw Self.error(TM_JPEG_FAULT, handle, .decode)
    }
    return blocks
  }

  func noteEdit(of block: UnsafePointer<Int16>, component: Int, row: Int, column: Int) {
    tm_jpeg_edited(handle, Int32(component), block)
  }

  func noteEdits(component: Int, row: Int, _ edited: UnsafePointer<UInt8>, columns: Int) -> Bool {
    guard let blocks = tm_jpeg_block_row(handle, Int32(component), Int32(row)) else { return false }
    var hasAny = false
    for column in 0..<columns where edited[column] != 0 {
      tm_jpeg_edited(handle, Int32(component), blocks + 64 * column)
      hasAny = true
    }
    return hasAny
  }

  func encode() throws(MediaError) -> JPEGCodedPicture {
    var stream: UnsafePointer<UInt8>?
    var size = 0
    let status = tm_jpeg_write(handle, &stream, &size)
    guard status == TM_JPEG_OK, let stream else { throw Self.error(status, handle, .encode) }
    return .stream(UnsafeRawBufferPointer(start: stream, count: size), end: end)
  }

  private static func error(
    _ status: tm_jpeg_status, _ handle: OpaquePointer, _ stage: MediaError.Stage
  ) -> MediaError {
    let message = String(cString: tm_jpeg_message(handle))
    let code: MediaError.Code =
      switch status {
      case TM_JPEG_UNSUPPORTED: .unsupported
      case TM_JPEG_LIMIT, TM_JPEG_NO_MEMORY: .limitExceeded
      case TM_JPEG_FAULT: .internalFault
      default: stage == .decode ? .malformed : .internalFault
      }
    return MediaError(code, stage, "JPEG data: \(message)", nativeStatus: tm_jpeg_code(handle))
  }
}
