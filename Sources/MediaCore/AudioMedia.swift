/// Decoded sound: one array a channel, samples of -1 … 1 (beyond where the source goes beyond).
public struct AudioBlock: Sendable, Hashable {
  /// Samples a second of each channel.
  public let sampleRate: Int
  /// Which sample of the file, counted in each channel from 0, stands first.
  public let start: Int
  /// `channels[c][i]`; all channels have the same number of samples.
  public var channels: [[Float]]

  /// Samples of each channel.
  public var count: Int { channels.first?.count ?? 0 }

  /// Sound.
  public init(sampleRate: Int, start: Int, channels: [[Float]]) {
    self.sampleRate = sampleRate
    self.start = start
    self.channels = channels
  }
}

/// What the sound of a file is before anything is decoded.
public struct AudioInfo: Sendable, Hashable {
  /// Samples a second of each channel.
  public let sampleRate: Int
  /// Channels.
  public let channels: Int
  /// Samples of each channel; nil where the file does not say.
  public let count: Int?
  /// Where the channels' speakers stand, bits as in WAVE's dwChannelMask, the lowest the first channel's; 0 where the
  /// file does not say.
  public let speakers: UInt32
  /// Times without sound between samples, in their order.
  public let gaps: [SoundGap]

  /// What the sound is.
  public init(
    sampleRate: Int, channels: Int, count: Int?, speakers: UInt32 = 0, gaps: [SoundGap] = []
  ) {
    self.sampleRate = sampleRate
    self.channels = channels
    self.count = count
    self.speakers = speakers
    self.gaps = gaps
  }

  /// What each channel counts in loudness (ITU-R BS.1770-4 table 3): 1, at the sides and back 1.41, and 0 for low
  /// frequency effects, which no label is put into. Without `speakers`, six and eight channels are 5.1 and 7.1.
  public var loudnessWeights: [Double] {
    let usual: [Int: UInt32] = [6: 0x3F, 8: 0x63F]
    let known = speakers.nonzeroBitCount == channels ? speakers : usual[channels] ?? 0
    let bits = (0..<32).filter { known >> $0 & 1 == 1 }
    let (lowFrequency, beside) = (3, [4, 5, 9, 10])
    return (0..<channels).map { channel in
      guard channel < bits.count else { return 1 }
      return bits[channel] == lowFrequency ? 0 : beside.contains(bits[channel]) ? 1.41 : 1
    }
  }
}

/// Edits to the sound of a file. Samples outside of the ranges keep their value where the coding allows it; where it does
/// not, the notes of a rewrite say what was coded anew.
public struct AudioEdit {
  /// The samples that `visitor` is handed, in ranges counted from the first of the file; sorted, without overlap.
  public let ranges: [Range<Int>]
  /// Called with the whole of each range; what it changes is what is written.
  public let visitor: (_ block: inout AudioBlock) throws(MediaError) -> Void

  /// Edits.
  public init(
    ranges: [Range<Int>], visitor: @escaping (_ block: inout AudioBlock) throws(MediaError) -> Void
  ) {
    self.ranges = ranges
    self.visitor = visitor
  }
}

/// A file whose sound can be decoded and edited.
public protocol AudioMediaFile: MediaFile {
  /// Nil for a file without a sound track that can be decoded.
  var audio: AudioInfo? { get }
  /// Decodes the samples of `ranges`, in blocks of any size.
  func visitAudio(
    in ranges: [Range<Int>], _ visitor: (AudioBlock) throws(MediaError) -> Void
  ) throws(MediaError)
}

extension AudioMediaFile {
  /// None to sound that can be decoded.
  public func objection(toEditing part: MediaPart) -> MediaError? {
    guard part == .sound else {
      return MediaError(.unsupported, .encode, "\(info.format) files have no pictures that are edited")
    }
    guard audio == nil else { return nil }
    let codec = info.tracks.first { $0.kind == .audio }?.codec ?? "nothing"
    return MediaError(.unsupported, .decode, "sound coded as \(codec) in \(info.format) is not decoded")
  }
}
