/// Samples as WAVE stores them, little-endian and interleaved: unsigned up to 8 bits, signed above, or IEEE float. Other
/// containers may have the bytes of a sample in the other order, and 8 bits with a sign.
///
/// Edited samples are rounded to the nearest step, halves away from zero, and held within the range; nothing is
/// dithered, so that the same edit gives the same bytes. A sample that an edit leaves as it was keeps its bytes, also
/// those of 32 and 64 bits that a `Float` cannot tell apart.
struct PCMCoding {
  private enum Kind: Equatable {
    case unsigned, signed, float, double
    case companded(CompandingLaw)
  }

  let channels: Int
  /// Bytes of the samples of all channels at one time.
  let blockBytes: Int
  private let kind: Kind
  private let bytes: Int
  /// Bits that count; they stand at the top.
  private let bits: Int
  private let isBigEndian: Bool

  /// Nil for another coding than PCM, G.711 and float, and for sizes of samples that do not exist.
  init?(_ format: WaveFormat) {
    guard (1...256).contains(format.channels), format.blockBytes % format.channels == 0 else { return nil }
    channels = format.channels
    blockBytes = format.blockBytes
    bytes = blockBytes / channels
    bits = format.bits
    isBigEndian = false
    switch (format.tag, bytes) {
    case (1, 1): kind = .unsigned
    case (6, 1) where bits == 8: kind = .companded(.a)
    case (7, 1) where bits == 8: kind = .companded(.mu)
    case (1, 2...4): kind = .signed
    case (3, 4) where bits == 32: kind = .float
    case (3, 8) where bits == 64: kind = .double
    default: return nil
    }
    guard (1...8 * bytes).contains(bits) else { return nil }
  }

  /// Whole bytes of which all bits count; nil for sizes that do not exist.
  init?(channels: Int, bits: Int, isFloat: Bool, isSigned: Bool, isBigEndian: Bool) {
    guard (1...256).contains(channels) else { return nil }
    switch (isFloat, bits) {
    case (true, 32): kind = .float
    case (true, 64): kind = .double
    case (false, 8): kind = isSigned ? .signed : .unsigned
    case (false, 16), (false, 24), (false, 32): kind = .signed
    default: return nil
    }
    self.channels = channels
    self.bits = bits
    self.isBigEndian = isBigEndian
    bytes = bits / 8
    blockBytes = channels * bytes
  }

  /// Eight bits a sample by G.711.
  init?(channels: Int, _ law: CompandingLaw) {
    guard (1...256).contains(channels) else { return nil }
    self.channels = channels
    (bits, bytes, blockBytes, isBigEndian) = (8, 1, channels, false)
    kind = .companded(law)
  }

  /// One array a channel.
  func decode(_ stored: [UInt8]) -> [[Float]] {
    let count = stored.count / blockBytes
    return stored.withUnsafeBytes { stored in
      (0..<channels).map { channel in
        [Float](unsafeUninitializedCapacity: count) { result, initialized in
          for index in 0..<count {
            result[index] = value(stored, index * blockBytes + channel * bytes)
          }
          initialized = count
        }
      }
    }
  }

  /// `stored` with the samples of `new` that differ from `old`, which is what it decodes to.
  func encode(_ new: [[Float]], was old: [[Float]], over stored: [UInt8]) -> [UInt8] {
    var result = stored
    for channel in new.indices {
      for index in new[channel].indices where new[channel][index] != old[channel][index] {
        store(new[channel][index], &result, index * blockBytes + channel * bytes)
      }
    }
    return result
  }

  @inline(__always)
  private func value(_ stored: UnsafeRawBufferPointer, _ offset: Int) -> Float {
    var word: UInt64 = 0
    for index in 0..<bytes {
      word |= UInt64(stored[offset + (isBigEndian ? bytes - 1 - index : index)]) << (8 * UInt64(index))
    }
    switch kind {
    case .unsigned: return (Float(word) - 128) / 128
    case .companded(let law): return Float(law.level(UInt8(truncatingIfNeeded: word))) / 32768
    case .signed:
      let shift = UInt64(64 - 8 * bytes)
      return Float(Double(Int64(bitPattern: word << shift) >> Int64(shift)) / scale(8 * bytes))
    case .float: return Float(bitPattern: UInt32(truncatingIfNeeded: word))
    case .double: return Float(Double(bitPattern: word))
    }
  }

  private func store(_ value: Float, _ result: inout [UInt8], _ offset: Int) {
    let word: UInt64
    switch kind {
    case .float: word = UInt64(value.bitPattern)
    case .double: word = Double(value).bitPattern
    case .companded(let law): word = UInt64(law.code(Double(value) * 32768))
    case .unsigned, .signed:
      let scale = scale(bits)
      let steps = Int64(min(max((Double(value) * scale).rounded(), -scale), scale - 1))
      let level = steps << Int64(8 * bytes - bits)
      word = UInt64(bitPattern: kind == .unsigned ? level + 128 : level)
    }
    for index in 0..<bytes {
      let place = offset + (isBigEndian ? bytes - 1 - index : index)
      result[place] = UInt8(truncatingIfNeeded: word >> (8 * UInt64(index)))
    }
  }

  private func scale(_ bits: Int) -> Double { Double(UInt64(1) << UInt64(bits - 1)) }
}
