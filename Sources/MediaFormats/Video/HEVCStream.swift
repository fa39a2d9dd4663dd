/// NAL units of H.265 (ITU-T H.265 7.3.1.2).
enum HEVCStream {
  /// Video, sequence and picture parameter sets (table 7-1).
  private static let sets: ClosedRange<UInt8> = 32...34

  /// A picture in annex B turned into units with lengths of four bytes, without parameter sets, which `hvcC` holds.
  static func packed(_ stream: UnsafeRawBufferPointer) -> [UInt8] {
    let bytes = Array(stream)
    var result: [UInt8] = []
    for range in AnnexB.units(of: bytes) where !sets.contains(bytes[range.lowerBound] >> 1 & 63) {
      UnitFraming.lengths(4).append(bytes[range], to: &result)
    }
    return result
  }
}
