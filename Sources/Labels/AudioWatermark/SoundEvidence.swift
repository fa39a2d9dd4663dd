/// What the tiles of a period that begins in row `offset` say, one by one: their chips are fair coins to sound that knows nothing of the key, where bits,
/// sums of some twelve tiles each, would count what the mark itself adds to them as spread.
extension SoundSums {
  /// How much synchronisation speaks for the period, a natural logarithm (`SoundDecision.evidence`).
  func evidence(_ code: SoundCode, offset: Int) -> Double {
    let tiles = tiles(code, code.sync, offset: offset, gains: nil) { $0 < 0 }
    return SoundDecision.evidence(tiles.values, tiles.signs)
  }

  /// The natural logarithm of a bound on the probability that the tiles of any one message agree with it as much as they do with `message`; `gains`
  /// are what each band is worth, which synchronisation alone may tell.
  func chance(_ code: SoundCode, of message: SoundMessage, offset: Int, gains: [Float]?) -> Double {
    let tiles = tiles(code, code.signs(of: message), offset: offset, gains: gains) { $0 >= 0 }
    return WatermarkDecision.normalTail(tiles.values, tiles.signs)
  }

  /// Values and signs of the tiles whose place in `code` is one of `places`, without those that tell nothing.
  private func tiles(
    _ code: SoundCode, _ signs: [Float], offset: Int, gains: [Float]?, places isTaken: (Int16) -> Bool
  ) -> (values: [Float], signs: [Float]) {
    let bands = SoundTiles.bands
    var (result, chosen): ([Float], [Float]) = ([], [])
    result.reserveCapacity(SoundCode.cells)
    chosen.reserveCapacity(SoundCode.cells)
    for row in 0..<SoundTiles.period {
      let source = (row + offset) % SoundTiles.period * bands
      for band in 0..<bands where isTaken(code.place[row * bands + band]) {
        let value = values[source + band] * (gains?[band] ?? 1)
        guard value != 0 else { continue }
        result.append(value)
        chosen.append(signs[row * bands + band])
      }
    }
    return (result, chosen)
  }
}
