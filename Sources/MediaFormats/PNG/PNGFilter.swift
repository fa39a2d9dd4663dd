internal import CImageIO

/// How the filter of a row is chosen.
enum PNGFilterChoice: Sendable, Hashable {
  /// The one it has.
  case own
  case only(UInt8)
  /// Whichever of two leaves the smaller differences.
  case either(UInt8, UInt8)
  /// Where marks are squares of several rows, many a row is like the one above.
  static let upOrPaeth = either(2, 4)
  /// Noise, and what a mark adds, is evened out by a mean.
  static let averageOrPaeth = either(3, 4)
}

/// The scanline filters of PNG 9.2, each over one row. `unit` is the distance to the left neighbour, `prior` the
/// row above, unfiltered (zeros above the first row). Pointers never overlap.
enum PNGFilter {
  typealias Row = UnsafeMutablePointer<UInt8>
  typealias Source = UnsafePointer<UInt8>

  /// Whether a row with filter `type` can be unfiltered without the row above.
  static func isIndependent(_ type: UInt8) -> Bool { type <= 1 }

  /// Unfilters `row` in place; `type` is 0 … 4.
  static func unfilter(_ type: UInt8, _ row: Row, prior: Source, count: Int, unit: Int) {
    switch type {
    case 1: tm_unfilter_sub(row, count, unit)
    case 2: tm_unfilter_up(row, prior, count)
    case 3: unfilterAverage(row, prior, count, unit)
    case 4: tm_unfilter_paeth(row, prior, 1, 0, count, unit)
    default: break
    }
  }

  /// Filters `raw` into `out`; `type` is 0 … 4.
  static func filter(_ type: UInt8, _ raw: Source, prior: Source, into out: Row, count: Int, unit: Int) {
    let head = min(unit, count)
    switch type {
    case 1:
      for i in 0..<head { out[i] = raw[i] }
      for i in head..<count { out[i] = raw[i] &- raw[i &- unit] }
    case 2:
      for i in 0..<count { out[i] = raw[i] &- prior[i] }
    case 3:
      tm_filter_average(raw, prior, out, count, unit)
    case 4: tm_filter_paeth(raw, prior, out, count, unit)
    default:
      out.update(from: raw, count: count)
    }
  }

  /// Filters `raw` into `out` as `choice` says, where `own` is the type that it had; returns the type. `spare` has room for as much.
  static func filter(
    _ choice: PNGFilterChoice, own: UInt8, _ raw: Source, prior: Source, into out: Row, spare: Row,
    count: Int,
    unit: Int
  ) -> UInt8 {
    func filtered(_ type: UInt8) -> UInt8 {
      filter(type, raw, prior: prior, into: out, count: count, unit: unit)
      return type
    }
    switch choice {
    case .own: return filtered(own)
    case .only(let type): return filtered(type)
    case .either(let other, let type):
      _ = filtered(type)
      filter(other, raw, prior: prior, into: spare, count: count, unit: unit)
      guard tm_filter_weight(spare, count) < tm_filter_weight(out, count) else { return type }
      out.update(from: spare, count: count)
      return other
    }
  }

  private static func unfilterAverage(_ row: Row, _ prior: Source, _ count: Int, _ unit: Int) {
    let head = min(unit, count)
    for i in 0..<head { row[i] &+= prior[i] >> 1 }
    for i in head..<count { row[i] &+= average(row[i &- unit], prior[i]) }
  }

  @inline(__always)
  private static func average(_ left: UInt8, _ above: UInt8) -> UInt8 {
    UInt8(truncatingIfNeeded: (UInt16(left) &+ UInt16(above)) >> 1)
  }
}
