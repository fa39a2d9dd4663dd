/// Eight-bit samples whose steps grow with the level (ITU-T G.711): what telephones, and speech synthesis for them, use.
enum CompandingLaw {
  /// The law of North America and Japan.
  case mu
  /// The law of the rest of the world.
  case a

  /// Bits that stand the other way in a stored byte: all but the sign, which is set for positive values, in µ-law
  /// (where no sound is all ones), and every second one in A-law.
  private var inverted: UInt8 { self == .mu ? 0x7F : 0x55 }

  /// What a stored byte stands for, of -32768 … 32767.
  @inline(__always)
  func level(_ stored: UInt8) -> Int {
    let code = stored ^ inverted
    let magnitude = magnitude(Int(code & 0x7F))
    return code & 0x80 != 0 ? magnitude : -magnitude
  }

  /// The byte whose level is nearest.
  func code(_ level: Double) -> UInt8 {
    let wanted = level.magnitude
    var (low, high) = (0, 127)
    while low < high {
      let middle = (low + high) / 2
      if Double(magnitude(middle) + magnitude(middle + 1)) / 2 < wanted {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return (UInt8(low) | (level < 0 ? 0 : 0x80)) ^ inverted
  }

  /// Levels by segment (three bits) and step in it (four), ascending.
  @inline(__always)
  private func magnitude(_ index: Int) -> Int {
    let (segment, step) = (index >> 4, index & 15)
    switch self {
    case .mu: return (step << 3 + 0x84) << segment - 0x84
    case .a: return segment == 0 ? step << 4 + 8 : (step << 4 + 0x108) << (segment - 1)
    }
  }
}
