internal import CMediaIO
internal import MediaCore

extension ISOFormat: FilmWriting {
  /// H.264 at a constant quality, with a picture that decoding can begin with every two seconds.
  func write(_ film: PlanarFilm, to output: OutputFile) throws(MediaError) {
    guard descriptor.id == Self.mp4.descriptor.id else {
      throw MediaError(.unsupported, .encode, "films are written as \(Self.mp4.descriptor.id) only")
    }
    var message = [CChar](repeating: 0, count: Int(TM_VIDEO_MESSAGE))
    var handle: OpaquePointer?
    defer { tm_film_close(handle) }
    let path = FilePath(bytes: Array("file:".utf8) + output.temporary.bytes)
    var status = path.withCString {
      tm_film_open(
        &handle, $0, Int32(film.size.width), Int32(film.size.height), Int32(film.frameRate), &message)
    }
    guard status >= 0 else { throw .video(.unsupported, .encode, message, status) }
    for index in 0..<film.count {
      let planes = film.frame(index)
      guard planes.count == film.size.pixelCount * 3 / 2 else {
        throw MediaError(
          .internalFault, .encode, "\(planes.count) samples in picture \(index) of a film of \(film.size)")
      }
      status = tm_film_write(handle, planes, &message)
      guard status >= 0 else { throw .video(.io, .encode, message, status) }
    }
    status = tm_film_finish(handle, &message)
    guard status >= 0 else { throw .video(.io, .encode, message, status) }
  }
}
