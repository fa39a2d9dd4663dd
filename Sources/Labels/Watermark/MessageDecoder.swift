/// Turns the waves of a key's message into bits. Owned by one worker.
final class MessageDecoder {
  private let code: TileCode
  private let decoder = PolarDecoder()
  /// Statistic of a message with the right checksum from which on no likelier one is looked for.
  static let sure = 14.0

  init(_ code: TileCode) { self.code = code }

  /// The message of the waves `re` + i `im`, phases of the key taken out, that are off by `shift` cells and of `amplitude`; inverted
  /// where `sign` is -1. Where it is not clear `paths` are followed.
  func decode(
    re: [Float], im: [Float], sign: Float = 1, shift: (x: Double, y: Double)?,
    amplitude: RingAmplitude? = nil,
    paths: Int = PolarDecoder.paths
  ) -> Demodulator.Reading {
    var values = [Float](repeating: 0, count: PolarCode.picture.length)
    for (index, wave) in code.message.enumerated() {
      let (c, s) = shift.map(wave.turn) ?? (1, 0)
      let weight = sign * (amplitude?.at(wave) ?? 1)
      values[index] = (re[index] * c - im[index] * s) * weight
      values[index + TileCode.messageWaves] = (re[index] * s + im[index] * c) * weight
    }
    values = WatermarkDecision.bounded(values)
    var channel = values
    for index in values.indices {
      channel[code.order[index]] = code.mask[index] == 0 ? values[index] : -values[index]
    }
    // A clear message is what a single path ends with.
    for tried in [1, paths] {
      guard let first = decoder.decode(channel, paths: tried).first else { break }
      let symbols = code.symbols(WatermarkPayload(bits: first.payload))
      let statistic = WatermarkDecision.statistic(values, symbols)
      guard tried == paths || (first.isChecked && statistic >= Self.sure) else { continue }
      let evidence = -WatermarkDecision.chance(values, symbols)
      let isBelieved = evidence >= WatermarkDecision.leastEvidence(rank: first.rank)
      return .init(
        payload: first.payload, isChecked: first.isChecked && isBelieved, statistic: statistic,
        evidence: evidence)
    }
    return .init(payload: 0, isChecked: false, statistic: 0, evidence: 0)
  }
}
