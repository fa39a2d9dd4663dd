/// Turns the waves of a key's message into bits. Owned by one worker.
final class MessageDecoder {
  private let code: TileCode
  private let decoder = PolarDecoder()
  // The one message that is of interest, and its signs.
  private let sent: (bits: UInt64, symbols: [Float])?
  /// Statistic of a message with the right checksum from which on no likelier one is looked for.
  static let sure = 14.0
  /// What likelihoods are scaled by: a little more than the statistic of a message that can just be read, for bounding takes of it.
  private static let expected: Float = 11.5

  /// Statistic of the message that was sent below which it is not looked for: of the 2⁶⁴ others some come to 10, so that no list holds it
  /// without doubt. Of some 1100 lists of messages of 9 to this none did.
  private static let hopeless = 9.75

  /// Statistic of the message that was sent from which on every decoder reads it, so that none is asked.
  static let beyondDoubt = 15.0

  /// Where it is known what was `sent`, nothing else is read, and that no sooner than by who does not know it.
  init(_ code: TileCode, sent: WatermarkPayload? = nil) {
    self.code = code
    self.sent = sent.map { ($0.bits, code.symbols($0)) }
  }

  /// The message of the waves `re` + i `im`, phases of the key taken out, that are off by `shift` cells and of `amplitude`; inverted
  /// where `sign` is -1. Where it is not clear `paths` are followed, if more than one. Its evidence is counted out where it matters which of
  /// a range it is: where that `isOpen`.
  func decode(
    re: [Float], im: [Float], sign: Float = 1, shift: (x: Double, y: Double)?,
    amplitude: RingAmplitude? = nil,
    paths: Int = PolarDecoder.paths, isOpen: (ClosedRange<Double>) -> Bool = { _ in true }
  ) -> Demodulator.Reading {
    var values = [Float](repeating: 0, count: PolarCode.picture.length)
    for (index, wave) in code.message.enumerated() {
      let (c, s) = shift.map(wave.turn) ?? (1, 0)
      let weight = sign * (amplitude?.at(wave) ?? 1)
      values[index] = (re[index] * c - im[index] * s) * weight
      values[index + TileCode.messageWaves] = (re[index] * s + im[index] * c) * weight
    }
    values = WatermarkDecision.bounded(values)
    let statistic = sent.map { WatermarkDecision.statistic(values, $0.symbols) }
    let unread = Demodulator.Reading(payload: 0, isChecked: false, statistic: statistic ?? 0, evidence: 0)
    if let sent, let statistic {
      if statistic >= Self.beyondDoubt {
        return .init(
          payload: sent.bits, isChecked: true, statistic: statistic,
          evidence: -WatermarkDecision.normalTail(statistic))
      }
      if statistic < Self.hopeless { return unread }
    }
    var channel = values
    for index in values.indices {
      channel[code.order[index]] = code.mask[index] == 0 ? values[index] : -values[index]
    }
    // A clear message is what a single path ends with.
    let likely = decoder.decode(channel, paths: 1)
    if let reading = reading(likely, values, isSure: true) { return reading }
    guard paths > 1 else { return unread }
    // Of a message that is known few paths mostly tell as much; what they give up adds to the doubt.
    if sent != nil, paths > PolarDecoder.paths {
      let list = decoder.decode(channel, expecting: Self.expected)
      if let reading = reading(list, values, isOpen: isOpen), reading.isChecked { return reading }
    }
    let list = decoder.decode(channel, expecting: Self.expected, paths: paths)
    return reading(list, values, isOpen: isOpen) ?? unread
  }

  /// What the first of `candidates` comes to; nil where it `isSure` to be right or nothing.
  private func reading(
    _ candidates: [PolarDecoder.Candidate], _ values: [Float], isSure: Bool = false,
    isOpen: (ClosedRange<Double>) -> Bool = { _ in true }
  ) -> Demodulator.Reading? {
    guard let first = candidates.first, first.isChecked || !isSure else { return nil }
    let symbols = code.symbols(WatermarkPayload(bits: first.payload))
    let statistic = WatermarkDecision.statistic(values, symbols)
    if isSure && statistic < Self.sure { return nil }
    let isBelieved = first.isChecked && (isSure || first.doubt <= WatermarkDecision.largestDoubt)
    var tail = isBelieved ? WatermarkDecision.normalTail(values, symbols) : 0
    // The exact probability takes its time, and is asked for where it decides.
    if isBelieved, !isSure, isOpen(-tail...(-tail + WatermarkDecision.mostCounted)) {
      tail = WatermarkDecision.countedTail(values, symbols)
    }
    return .init(
      payload: first.payload, isChecked: isBelieved, statistic: statistic, evidence: -tail)
  }
}
