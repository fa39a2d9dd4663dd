internal import CSignal
internal import MediaCore

/// Averages the luma of rows of bytes without opacity into a smaller plane: rows that belong to one mean with all they have are added
/// up as they are, and only their sum is turned into luma.
struct PackedReducer {
  var plane: LumaPlane { reducer.plane }
  private var reducer: LumaReducer
  private let channels: PackedChannels
  private let width: Int
  /// Sums of `rows` rows, width × channels.
  private var sums: [UInt16]
  private var rows: Int32 = 0
  private var luma: [Float]

  /// For a picture of `size`, to `side` means each way.
  init(_ size: PixelSize, _ channels: PackedChannels, to side: Int) {
    reducer = LumaReducer(width: size.width, height: size.height, to: (side, side))
    self.channels = channels
    width = size.width
    sums = [UInt16](repeating: 0, count: size.width * channels.rawValue)
    luma = [Float](repeating: 0, count: size.width)
  }

  /// Adds row `y`: rows come in order.
  mutating func add(_ row: UnsafePointer<UInt8>, y: Int) {
    guard reducer.isInner(y) else {
      flush()
      luma.withUnsafeMutableBufferPointer { luma in
        guard let base = luma.baseAddress else { return }
        PackedRow.luma(row, channels, count: width, into: base)
        reducer.add(base, y: y)
      }
      return
    }
    tm_row_gather(row, Int32(sums.count), &sums)
    rows += 1
    if rows == TM_ROWS_GATHERED { flush() }
  }

  private mutating func flush() {
    guard rows > 0 else { return }
    tm_gathered_luma(sums, Int32(channels.rawValue), Int32(width), &luma)
    reducer.addInner(luma)
    sums.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    rows = 0
  }
}
