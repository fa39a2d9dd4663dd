#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Reads messages from sums of tiles, and keeps count of what was decoded so that the bound on chance holds for all of it.
struct SoundReader {
  /// One place to look at: sums, the row their period begins in, and the synchronisation there.
  struct Candidate {
    let sums: SoundSums
    let offset: Int
    let sync: Float
    /// Of what all places may come to by chance; see `SoundDecision`.
    let share: Double
  }

  /// A message that chance is ruled out for.
  struct Reading {
    let message: SoundMessage
    let statistic: Double
    let sync: Float
    /// Decimal logarithm of the bound.
    let log10p: Double
    /// That of the bound for the message alone, synchronisation given.
    let messageLog10p: Double
    /// The probability that another message was put in (`PolarDecoder.Candidate.doubt`), if one was.
    var doubt = 0.0
  }

  let code: SoundCode
  /// Messages decoded so far.
  private(set) var decodings = 0
  private let decoders = [PolarDecoder(SoundCode.short), PolarDecoder(SoundCode.long)]

  init(_ code: SoundCode) { self.code = code }

  /// The best offsets of `sums`, each with the share of what may come by chance that `share` gives it.
  func candidates(_ sums: SoundSums, most: Int = 3, share: (_ offset: Int) -> Double) -> [Candidate] {
    let sync = sums.synchronisation(code)
    return sync.indices.sorted { sync[$0] > sync[$1] }.prefix(most).map {
      Candidate(sums: sums, offset: $0, sync: sync[$0], share: share($0))
    }
  }

  /// The message at `candidate`; nil where it may be chance.
  mutating func read(_ candidate: Candidate) -> Reading? {
    // Weights come from the tiles of synchronisation alone, so that the bound for those of the message holds as it is.
    let gains =
      candidate.sync >= SyncThreshold.Sound.weighted
      ? candidate.sums.bandGains(code, offset: candidate.offset) : nil
    let plain = read(candidate, nil, gains)
    guard let gains, plain?.doubt ?? 1 > SoundDecision.largestDoubt else { return plain }
    let weighted = read(candidate, gains, gains)
    return [plain, weighted].compactMap { $0 }.min { $0.doubt < $1.doubt }
  }

  /// What is decoded from bands weighted by `decoded`, and judged without weights and with `gains`.
  private mutating func read(_ candidate: Candidate, _ decoded: [Float]?, _ gains: [Float]?) -> Reading? {
    var best: Reading?
    for (isShort, decoder) in zip([true, false], decoders) {
      let polar = isShort ? SoundCode.short : SoundCode.long
      let soft = WatermarkDecision.bounded(
        candidate.sums.softBits(code, polar, offset: candidate.offset, gains: decoded))
      guard soft.contains(where: { $0 != 0 }) else { continue }
      decodings += 1
      let readings = decoder.decode(soft).prefix { $0.isChecked }.prefix(2).map {
        judged(SoundMessage(bits: $0.payload, isShort: isShort), soft, candidate, gains)
      }
      // Where a mark is, its synchronisation speaks for any message; and of one that is read badly a word that is nearly right may pass the
      // checksum, and the right one beside it.
      guard let first = readings.first, first.log10p <= WatermarkDecision.acceptance,
        first.messageLog10p <= Self.messageAcceptance,
        readings.dropFirst().allSatisfy({ $0.log10p >= first.log10p + Self.margin })
      else { continue }
      guard first.log10p < best?.log10p ?? 0 else { continue }
      best = first
      best?.doubt = doubt(of: first, soft, decoder)
    }
    return best
  }

  /// The bounds are about sound without the mark; they say little of a mark that is too faint to be read, of which words near to its own have
  /// almost as much.
  private func doubt(of reading: Reading, _ soft: [Float], _ decoder: PolarDecoder) -> Double {
    guard reading.messageLog10p > Self.undoubted else { return 0 }
    let list = decoder.decode(soft, expecting: Self.expected)
    guard let first = list.first, first.isChecked, first.payload == reading.message.bits else { return 1 }
    return first.doubt
  }

  /// The bound for the message alone below which no other comes near.
  private static let undoubted = -30.0
  /// What likelihoods are scaled by: the statistic of a message that can just be read.
  private static let expected: Float = 10

  /// The most for the message alone.
  private static let messageAcceptance = -3.0
  /// Decades by which a message must be likelier than the next of the same decoding.
  private static let margin = 3.0

  private func judged(
    _ message: SoundMessage, _ soft: [Float], _ candidate: Candidate, _ gains: [Float]?
  ) -> Reading {
    let (sums, offset) = (candidate.sums, candidate.offset)
    let symbols = message.word.map { $0 == 0 ? Float(1) : -1 }
    var chance = min(
      WatermarkDecision.countedTail(soft, symbols) - log(SoundDecision.byBits),
      sums.chance(code, of: message, offset: offset, gains: nil) - log(SoundDecision.byTiles))
    if let gains {
      let weighted = sums.chance(code, of: message, offset: offset, gains: gains)
      chance = min(chance, weighted - log(SoundDecision.byWeightedTiles))
    }
    let log10p = SoundDecision.log10p(
      chance, payloadBits: message.code.payloadBits, share: candidate.share,
      evidence: sums.evidence(code, offset: offset), decodings: decodings)
    return Reading(
      message: message, statistic: WatermarkDecision.statistic(soft, symbols), sync: candidate.sync,
      log10p: log10p,
      messageLog10p: Double(message.code.payloadBits) * log10(2.0) + chance / log(10))
  }
}
