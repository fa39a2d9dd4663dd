internal import MediaCore

/// The three header packets of Vorbis (Vorbis I, 4.2), which containers and libavcodec keep in one record: how many packets but
/// the last, their lengths in Xiph's lacing, the packets.
struct VorbisHeaders {
  let identification: [UInt8]
  var comments: [UInt8]
  let setup: [UInt8]

  /// Global quality for libvorbis by its own scale of 0 … 10, from which on the lowest is taken that is at no lower a rate than
  /// the source.
  static let qualities = [3, 5, 7, 10]

  /// Options for variable rate, scaled as libavcodec wants it (FF_QP2LAMBDA).
  static func options(quality: Int) -> [String] {
    ["flags=+qscale", "global_quality=\(quality * 118)"]
  }

  /// Nil for a record that is not of three packets.
  init?(_ record: [UInt8]) {
    var rest = record.dropFirst()
    var lengths: [Int] = []
    for _ in 0..<(record.first ?? 0) {
      guard lengths.count < 2, let length = XiphLacing.next(&rest) else { return nil }
      lengths.append(length)
    }
    guard lengths.count == 2, lengths[0] + lengths[1] < rest.count else { return nil }
    identification = Array(rest.prefix(lengths[0]))
    comments = Array(rest.dropFirst(lengths[0]).prefix(lengths[1]))
    setup = Array(rest.dropFirst(lengths[0] + lengths[1]))
  }

  /// The record.
  var record: [UInt8] {
    [2] + XiphLacing.bytes(identification.count) + XiphLacing.bytes(comments.count) + identification
      + comments + setup
  }
}
