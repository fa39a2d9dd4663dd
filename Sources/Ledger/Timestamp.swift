/// A moment in UTC, to the millisecond, as ISO 8601 writes it. Days and dates follow the Gregorian calendar.
public struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Milliseconds since 1970.
  public let milliseconds: Int64

  private static let day: Int64 = 86_400_000

  /// Milliseconds of 100,000,000 days: as far as dates are told.
  private static let farthest: Int64 = 8_640_000_000_000_000

  /// A moment by its milliseconds since 1970; those of no sensible date become the last or the first one.
  public init(milliseconds: Int64) {
    self.milliseconds = min(max(milliseconds, -Self.farthest), Self.farthest)
  }

  /// `2026-11-28`, which is its first moment, or `2026-11-28T06:02:54Z` with or without fractions of a second; nil for
  /// anything else.
  public init?(_ text: String) {
    let halves = text.utf8.split(separator: UInt8(ascii: "T"), maxSplits: 1, omittingEmptySubsequences: false)
    guard let date = halves.first.flatMap({ Self.numbers($0, separator: "-", widths: [4, 2, 2]) }),
      (1...12).contains(date[1]), (1...Self.daysInMonth(date[0], date[1])).contains(date[2])
    else { return nil }
    var result = Self.days(year: date[0], month: date[1], day: date[2]) * Self.day
    if halves.count == 2 {
      guard halves[1].last == UInt8(ascii: "Z") else { return nil }
      let parts = halves[1].dropLast().split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      guard parts.count <= 2, let time = Self.numbers(parts[0], separator: ":", widths: [2, 2, 2]),
        time[0] < 24, time[1] < 60, time[2] < 60
      else { return nil }
      result += ((time[0] * 60 + time[1]) * 60 + time[2]) * 1000
      if parts.count == 2 {
        guard (1...9).contains(parts[1].count), let fraction = Self.number(parts[1]) else { return nil }
        let scale = (0..<parts[1].count).reduce(Int64(1)) { power, _ in power * 10 }
        result += fraction * 1000 / scale
      }
    }
    milliseconds = result
  }

  /// `2026-11-28T06:02:54.123Z`.
  public var description: String {
    let days = Self.floor(milliseconds, Self.day)
    let rest = milliseconds - days * Self.day
    let (year, month, day) = Self.date(days)
    let time = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60].map { Self.digits($0, 2) }
    return "\(Self.digits(year, 4))-\(Self.digits(month, 2))-\(Self.digits(day, 2))"
      + "T\(time.joined(separator: ":")).\(Self.digits(rest % 1000, 3))Z"
  }

  /// The same time of the day so many months earlier; the last day of the month where that has no such day.
  public func subtracting(months: Int) -> Timestamp {
    let days = Self.floor(milliseconds, Self.day)
    let (year, month, day) = Self.date(days)
    let count = year * 12 + month - 1 - Int64(clamping: months)
    let (year2, month2) = (Self.floor(count, 12), count - Self.floor(count, 12) * 12 + 1)
    let day2 = min(day, Self.daysInMonth(year2, month2))
    let start = Self.days(year: year2, month: month2, day: day2) * Self.day
    return Timestamp(milliseconds: start + milliseconds - days * Self.day)
  }

  /// The earlier moment is the smaller.
  public static func < (one: Timestamp, other: Timestamp) -> Bool { one.milliseconds < other.milliseconds }

  private static func floor(_ value: Int64, _ unit: Int64) -> Int64 {
    value >= 0 ? value / unit : -((unit - 1 - value) / unit)
  }

  // The calendar repeats every 400 years of 146,097 days. Years are counted from March, so that the odd day is their last.

  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let era = floor(year, 400)
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = floor(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  private static func daysInMonth(_ year: Int64, _ month: Int64) -> Int64 {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  private static func digits(_ value: Int64, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }

  private static func numbers(
    _ text: some Collection<UInt8>, separator: Character, widths: [Int]
  ) -> [Int64]? {
    let parts = text.split(separator: separator.asciiValue ?? 0, omittingEmptySubsequences: false)
    guard parts.map(\.count) == widths else { return nil }
    let values = parts.compactMap { number($0) }
    return values.count == widths.count ? values : nil
  }

  private static func number(_ digits: some Collection<UInt8>) -> Int64? {
    guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    return Int64(String(decoding: Array(digits), as: UTF8.self))
  }
}
