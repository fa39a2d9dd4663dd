internal import Labels
internal import MediaCore

/// Whether the marks in a film's pictures and in its sound are of one content.
enum TrackAgreement {
  /// The finding's code: pictures of one content with the sound of another.
  static let code = "V-WMTRACKS"
  /// The finding's code: several contents put together.
  static let spliceCode = "V-WMSPLICE"

  /// The bound for both marks together, where they agree. Pictures and sound are searched apart with no sample in common, so
  /// that to be wrong about the film both searches have to be: the bounds are multiplied, their logarithms added.
  static func log10p(_ evidence: Evidence) -> Double? {
    let marks = marks(in: evidence)
    let sums = marks.frames.flatMap { picture in
      marks.sound.filter { isSame(picture.payload, $0.payload) }.map { picture.log10p + $0.log10p }
    }
    return sums.min()
  }

  /// Throws nothing away: each mark stays a detection of its own.
  static func findings(on evidence: Evidence) -> [Finding] {
    let marks = marks(in: evidence)
    var findings: [Finding] = []
    let heard = Set(marks.sound.map(\.payload))
    if heard.count > 1 {
      findings.append(
        Finding(
          spliceCode, .warning,
          "the sound carries watermarks of more than one content, as one put together from several does"))
    }
    let strange = marks.sound.map(\.payload).first { sound in
      !marks.frames.contains { isSame($0.payload, sound) }
    }
    if let strange, let shown = marks.frames.first?.payload {
      findings.append(
        Finding(
          code, .warning,
          "the sound carries the watermark \(strange) and the pictures \(shown): they are of different contents"
        ))
    }
    return findings
  }

  private struct Mark {
    let payload: String
    let log10p: Double
  }

  private static func marks(in evidence: Evidence) -> (frames: [Mark], sound: [Mark]) {
    let all = evidence[WatermarkLabel.id].compactMap { found in
      found["payload"].map { payload in
        (
          found[MediaPart.field],
          Mark(
            payload: payload, log10p: found.fields.first { $0.name == "log10p" }?.number ?? 0)
        )
      }
    }
    let isSound = evidence.info?.kind == .audio
    return (
      all.filter { $0.0 == MediaPart.frames.rawValue }.map(\.1),
      all.filter { $0.0 == MediaPart.sound.rawValue || isSound }.map(\.1)
    )
  }

  /// Whether two texts, 16 digits or the 8 of short sound, are of one payload.
  private static func isSame(_ first: String, _ second: String) -> Bool {
    if first == second { return true }
    let (long, short) = first.count > second.count ? (first, second) : (second, first)
    return WatermarkPayload(hexadecimal: long)?.isShown(as: short) ?? false
  }
}
