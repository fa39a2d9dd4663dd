internal import MediaCore

/// A way of coding sound whose packets can be decoded here.
enum SoundCodec {
  case aac
  /// MPEG-1 and MPEG-2 layer III.
  case mp3
  case opus
  case vorbis
  case flac
  case alac
  case ac3
  case eac3
  case pcm(PCMCoding)
  /// What is decoded, by libavcodec's name for it, and not coded anew.
  case other(String)

  /// Whether packets have one length where the first of them have; those of Vorbis have two, and of what is not coded anew it
  /// does not matter.
  var isRegular: Bool {
    switch self {
    case .vorbis, .other: false
    default: true
    }
  }

  /// Whether packets have one length, but for the last, which ends where the sound does.
  var endsShort: Bool {
    switch self {
    case .flac, .alac: true
    default: false
    }
  }

  /// libavcodec's decoder; nil for plain samples. libopus gives as many samples as a packet says, which libavcodec's own
  /// decoder of Opus does not where it changes rates.
  var decoder: String? {
    switch self {
    case .aac: "aac"
    case .mp3: "mp3float"
    case .opus: "libopus"
    case .vorbis: "vorbis"
    case .flac: FLACStructure.decoder
    case .alac: "alac"
    case .ac3: "ac3"
    case .eac3: "eac3"
    case .pcm: nil
    case .other(let name): name
    }
  }
}

/// A coded sound track as its container describes it.
struct CodedSound {
  let codec: SoundCodec
  /// The codec's set-up record; may be empty.
  let config: [UInt8]
  /// In the order of the file; `pts` counts ticks.
  let packets: [VideoSample]
  /// Ticks a second.
  let timescale: Int
  /// Samples a second as the container has it, which holds for plain samples; others are as their decoder says.
  let rate: Int
  /// Samples of each channel in front of the first one heard.
  let skipped: Int
  /// How many more sound tracks there are, which are copied.
  let others: Int
}

/// A sound track with some packets coded anew.
struct RecodedSound {
  /// What was coded anew.
  let segments: [VideoReencode.Segment]
  /// Where the packets stand.
  let spool: CodedSpool
  /// The set-up record for old and new packets; nil where the source's still holds.
  var config: [UInt8]?
  /// Whether the packets come in place of all the source's, more or fewer than they were, each at its own time.
  var isRetimed = false
  var coding: CodingPlan
  let note: String
}
