internal import MediaCore

/// How the rows of a picture that changed throughout are filtered and compressed, by what parts of it show: all of it is compressed once.
/// Behind Paeth, runs alone are within a few percent of what a search for matches gains, in a fourth of its time, for what was
/// added to every pixel is repeated hardly anywhere; what repeats all the same, as dithering and letters do, parts show.
struct PNGWholeCoding {
  private(set) var filter = PNGFilterChoice.only(4)
  private(set) var settings = DeflateSplice.Settings.runs

  /// Data over that of the source above which the source's encoder found more than runs.
  private static let gross = 1.15
  /// What was made less than one in so many bytes of is a drawing: what its own filters were chosen for is gone where something was added,
  /// and in a half of that, parts may well show too little.
  private static let plainRatio = 4
  /// Of what was made less than one in so many bytes of, nearly all is what was added: of 13 pictures, a search gained over 5 % in one.
  private static let emptyRatio = 64
  /// Bytes of a part of a photograph at most, whose filters differ by a percent; mostly runs alone are looked for there, which is quick.
  private static let photographBytes = 96 << 10
  /// What filters of the source must save, and what one that suits matches must over another: parts tell no finer.
  private static let better = 0.97
  /// The same of filters that are chosen row by row over the one of them for all.
  private static let betterByRow = 0.995
  /// What a search for matches must save to be worth its time.
  private static let worthwhile = 0.95
  /// Less than this is compressed quickly in any way.
  private static let quickBytes = 1 << 14

  /// Of `raster`, whose source took `sourceBytes`; nil if it did not change throughout, is small, or has rows that cannot be filtered by
  /// whole samples, where near ones look alike.
  init?(_ raster: PNGRaster, sourceBytes: Int, isFiltered: Bool, _ scratch: Scratch) {
    guard Self.takesFilters(raster.header), raster.bytes.count > Self.quickBytes, raster.isRawThroughout
    else { return nil }
    let ratio = raster.bytes.count / max(1, sourceBytes)
    if ratio >= Self.emptyRatio { return }
    let most = ratio < Self.plainRatio ? Self.photographBytes : DeflateSample.partBytes
    func bytes(_ choice: PNGFilterChoice, _ settings: DeflateSplice.Settings) -> Double {
      let sample = DeflateSample(raster, as: choice, most: most, scratch)
      return Double(sample.byteCount(settings)) / Double(sample.rawByteCount) * Double(raster.bytes.count)
    }
    var runs = bytes(filter, .runs)
    if ratio < Self.plainRatio {
      let mean = bytes(.averageOrPaeth, .runs)
      if mean < Self.betterByRow * runs { (filter, runs) = (.averageOrPaeth, mean) }
      let own = bytes(.own, .runs)
      if own < Self.better * runs { (filter, runs) = (.own, own) }
    }
    guard ratio >= 2 * Self.plainRatio || runs > Self.gross * Double(sourceBytes) else { return }
    var (choice, matches) = (PNGFilterChoice.upOrPaeth, bytes(.upOrPaeth, .plain))
    guard matches < Self.better * runs else { return }
    // Rows that are like the one above Up leaves as they repeat; what was not filtered may repeat as it is.
    for other in isFiltered ? [.only(2)] : [PNGFilterChoice.only(2), .own] {
      let count = bytes(other, .plain)
      if count < Self.better * matches { (choice, matches) = (other, count) }
    }
    guard matches < Self.worthwhile * runs else { return }
    (filter, settings) = (choice, .plain)
    // Of pages of text, whose letters repeat, that makes as much in half the time.
    let quicker = DeflateSplice.Settings.level(4, isFiltered: true)
    if bytes(choice, quicker) < matches { settings = quicker }
  }

  /// Whether rows can be filtered anew: samples are whole bytes, and near ones look alike.
  static func takesFilters(_ header: PNGHeader) -> Bool {
    header.bitsPerPixel >= 8 && header.colorType != .palette
  }
}
