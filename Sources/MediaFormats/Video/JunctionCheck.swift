internal import CMediaIO
internal import MediaCore

/// Plays across the places where coded parts meet, before anything is written: what is copied must decode behind the new
/// pictures, strictly, to exactly the pictures that it decodes to behind the old ones.
struct JunctionCheck {
  /// Samples of the copied part that are decoded.
  private static let tail = 48

  let video: CodedVideo
  let input: InputFile
  let spool: InputFile
  /// The set-up record for both parts.
  let config: [UInt8]

  /// Whether the end of `segment` holds. Throws `io` alone.
  func holds(_ segment: VideoReencode.Segment) throws(MediaError) -> Bool {
    let rest = segment.samples.upperBound..<min(segment.samples.upperBound + Self.tail, video.samples.count)
    do throws(MediaError) {
      let mixed = try VideoDecoder(video.with(config: config), isStrict: true)
      var pictures: [Int64: Int] = [:]
      for packet in segment.packets {
        try mixed.send(try spool.picture(packet), pts: packet.pts)
        while try mixed.next() { pictures[mixed.pts] = 0 }
      }
      try decode(rest, with: mixed, into: &pictures)
      guard pictures.count == segment.packets.count + rest.count else { return false }
      var expected: [Int64: Int] = [:]
      try decode(rest, with: VideoDecoder(video, isStrict: true), into: &expected)
      return expected.allSatisfy { pictures[$0.key] == $0.value }
    } catch {
      guard error.code != .io else { throw error }
      return false
    }
  }

  private func decode(
    _ range: Range<Int>, with decoder: VideoDecoder, into pictures: inout [Int64: Int]
  ) throws(MediaError) {
    for index in range {
      let sample = video.samples[index]
      try decoder.send(try input.picture(sample), pts: sample.pts)
      while try decoder.next() { pictures[decoder.pts] = decoder.digest }
    }
    try decoder.finish()
    while try decoder.next() { pictures[decoder.pts] = decoder.digest }
  }
}

extension VideoDecoder {
  /// A number that is the same for the same samples, within one run of the program.
  fileprivate var digest: Int {
    var hasher = Hasher()
    let planes = [picture.planes.0, picture.planes.1, picture.planes.2, picture.planes.3]
    let strides = [picture.strides.0, picture.strides.1, picture.strides.2, picture.strides.3]
    let bytes = picture.depth > 8 ? 2 : 1
    for index in planes.indices {
      guard let plane = planes[index] else { continue }
      let isChroma = index == 1 || index == 2
      let shift = isChroma ? (Int(picture.chroma_shift_x), Int(picture.chroma_shift_y)) : (0, 0)
      let width = (Int(picture.width) + (1 << shift.0) - 1) >> shift.0
      let height = (Int(picture.height) + (1 << shift.1) - 1) >> shift.1
      for row in 0..<height {
        hasher.combine(
          bytes: UnsafeRawBufferPointer(start: plane + row * strides[index], count: width * bytes))
      }
    }
    return hasher.finalize()
  }
}

extension CodedVideo {
  /// The same track with another set-up record.
  func with(config: [UInt8]) -> CodedVideo {
    var copy = self
    copy.config = config
    return copy
  }
}
