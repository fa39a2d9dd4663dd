public import MediaCore

/// Makes ProduceIDs (GB 45438-2025 Annex E e): 48 bits of milliseconds and 80 random bits as 26 Crockford base-32
/// digits. They sort by time of making, and two machines that never met do not make the same.
///
/// Each ID of one generator is greater than the one before, even within a millisecond or when the clock steps back.
public struct ProduceIDGenerator: Sendable {
  /// Without I, L, O and U, which are misread; all of it is allowed by Annex E j.
  private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
  private static let latest: UInt64 = 1 << 48 - 1

  private var time: UInt64 = 0
  private var high: UInt16 = 0
  private var low: UInt64 = 0
  private var hasMade = false

  /// A generator that has made nothing yet.
  public init() {}

  /// A new ID; `milliseconds` is the time since 1970 (48 bits are kept, enough until the year 10889).
  public mutating func next(
    atMilliseconds milliseconds: UInt64, using random: inout some RandomNumberGenerator
  ) -> String {
    let now = min(milliseconds, Self.latest)
    if hasMade, now <= time { advance(using: &random) } else { restart(at: now, using: &random) }
    hasMade = true
    return text
  }

  /// Throws `invalidArgument` for an ID that Annex E does not allow: empty, characters outside of E j), or longer
  /// than services take.
  public static func check(_ id: String) throws(MediaError) {
    guard !id.isEmpty else {
      throw MediaError(
        .invalidArgument, .label, "ProduceID is empty; it is the unique number of this content (Annex E e)")
    }
    try AnnexERule.check(id, of: .produceID)
  }

  private mutating func restart(at time: UInt64, using random: inout some RandomNumberGenerator) {
    self.time = time
    high = random.next()
    low = random.next()
  }

  private mutating func advance(using random: inout some RandomNumberGenerator) {
    let (sum, carries) = low.addingReportingOverflow(1)
    low = sum
    guard carries else { return }
    let (next, overflows) = high.addingReportingOverflow(1)
    high = next
    // 2^80 are used up: borrow the next millisecond. Past the last of 48 bits there is none and the order ends.
    if overflows { restart(at: min(time + 1, Self.latest), using: &random) }
  }

  /// 130 bits of digits for 128 bits of number: the first digit is at most 7.
  private var text: String {
    var digits: [UInt8] = []
    digits.reserveCapacity(26)
    let number = UInt128(time) << 80 | UInt128(high) << 64 | UInt128(low)
    for shift in stride(from: 125, through: 0, by: -5) {
      digits.append(Self.digits[Int(truncatingIfNeeded: number >> UInt128(shift)) & 31])
    }
    return String(decoding: digits, as: UTF8.self)
  }
}
