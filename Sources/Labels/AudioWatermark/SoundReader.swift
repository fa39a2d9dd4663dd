#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Reads messages from sums of tiles, and keeps count of what was tried so that the bound on chance holds for all of it.
struct SoundReader {
  /// One place to look at: sums, the row their period begins in, and the synchronisation there.
  struct Candidate {
    let sums: SoundSums
    let offset: Int
    let sync: Float
  }

  /// A message that chance is ruled out for.
  struct Reading {
    let message: SoundMessage
    let statistic: Double
    let sync: Float
    /// Decimal logarithm of the bound.
    let log10p: Double
  }

  let code: SoundCode
  /// Messages decoded so far.
  private(set) var decodings = 0
  /// Places that synchronisation was looked for at so far.
  private(set) var geometries = 0
  private let decoders = [PolarDecoder(SoundCode.short), PolarDecoder(SoundCode.long)]

  init(_ code: SoundCode) { self.code = code }

  /// The best offsets of `sums`.
  mutating func candidates(_ sums: SoundSums, most: Int = 3) -> [Candidate] {
    let sync = sums.synchronisation(code)
    geometries += sync.count
    return sync.indices.sorted { sync[$0] > sync[$1] }.prefix(most).map {
      Candidate(sums: sums, offset: $0, sync: sync[$0])
    }
  }

  /// The message at `candidate`; nil where it may be chance.
  mutating func read(_ candidate: Candidate) -> Reading? {
    if let reading = read(candidate, nil) { return reading }
    guard candidate.sync >= Self.leastWeighted else { return nil }
    // Weights come from the tiles of synchronisation alone, so that the bound for those of the message holds as it is.
    return read(candidate, candidate.sums.bandGains(code, offset: candidate.offset))
  }

  /// Synchronisation from which on it tells what each band is worth.
  private static let leastWeighted: Float = 3

  private mutating func read(_ candidate: Candidate, _ gains: [Float]?) -> Reading? {
    var best: Reading?
    for (isShort, decoder) in zip([true, false], decoders) {
      let polar = isShort ? SoundCode.short : SoundCode.long
      let soft = WatermarkDecision.bounded(
        candidate.sums.softBits(code, polar, offset: candidate.offset, gains: gains))
      guard soft.contains(where: { $0 != 0 }), let first = decoder.decode(soft).first else {
        continue
      }
      decodings += 1
      guard first.isChecked else { continue }
      let message = SoundMessage(bits: first.payload, isShort: isShort)
      let symbols = message.word.map { $0 == 0 ? Float(1) : -1 }
      let statistic = WatermarkDecision.statistic(soft, symbols)
      let log10p = WatermarkDecision.log10p(
        WatermarkDecision.chance(soft, symbols), sync: Double(candidate.sync), payloadBits: polar.payloadBits,
        decodings: decodings,
        geometries: geometries)
      if log10p <= WatermarkDecision.acceptance, log10p < best?.log10p ?? 0 {
        best = Reading(message: message, statistic: statistic, sync: candidate.sync, log10p: log10p)
      }
    }
    return best
  }
}

extension WatermarkDecision {
  /// The bound on the probability that sound without this key's mark reaches what a message of bound `chance` did for any message of `payloadBits` bits at
  /// decoding number `decodings` or did so at one before, alone or together with `sync` at any of `geometries` places; a
  /// decimal logarithm, at most 0.
  ///
  /// As for pictures: the masks of the message's bits and the chips of synchronisation are fair coins to sound that knows
  /// nothing of the key. `chance` bounds the one; Hoeffding's inequality bounds the other by exp(-α² / 2), and both together the
  /// product, for α and τ chosen beforehand: for their sum, as pictures count it, a factor 1 + s is missing.
  static func log10p(
    _ chance: Double, sync: Double, payloadBits: Int, decodings: Int, geometries: Int
  ) -> Double {
    guard chance < 0 else { return 0 }
    // The n-th decoding takes 1 / (n (n + 1)) of what all together may come to.
    let share = Double(max(1, decodings))
    let message = Double(payloadBits) + 1 + log2(share * (share + 1)) + chance / log(2)
    let both = message + log2(Double(max(1, geometries))) - max(0, sync) * max(0, sync) / 2 / log(2)
    return min(0, (min(message, both) + 1) * log10(2.0))
  }
}
