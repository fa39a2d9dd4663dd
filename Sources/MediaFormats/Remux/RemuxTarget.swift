internal import CMediaIO
internal import MediaCore

/// A container that packets are put into because it has a place for a label.
enum RemuxTarget {
  /// MP4.
  case film
  /// MPEG-4 audio (M4A).
  case sound
  /// The profile of MP4 for mobile phones (3GPP TS 26.244), which has a place for AMR speech.
  case speech
  case matroska
  /// WAVE, with more than 4 GiB as RF64; for plain samples.
  case wave

  var container: tm_container {
    switch self {
    case .film: TM_MP4
    case .sound: TM_M4A
    case .speech: TM_3GP
    case .matroska: TM_MATROSKA
    case .wave: TM_WAVE
    }
  }

  /// What files of it are called.
  func fileExtension(isSound: Bool) -> String {
    switch self {
    case .film: ISOFormat.mp4.descriptor.extensions[0]
    case .sound: ISOFormat.m4a.descriptor.extensions[0]
    case .speech: "3gp"
    case .matroska: isSound ? "mka" : MatroskaFormat.matroska.descriptor.extensions[0]
    case .wave: WAVEFormat().descriptor.extensions[0]
    }
  }
}

extension [RemuxTarget] {
  /// What files of any of them may be called.
  var fileExtensions: [String] {
    var all: [String] = []
    for name in flatMap({ [$0.fileExtension(isSound: false), $0.fileExtension(isSound: true)] })
    where !all.contains(name) {
      all.append(name)
    }
    return all
  }
}
