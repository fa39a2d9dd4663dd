internal import CImageIO
internal import MediaCore

/// The quantised coefficients of a picture, block by block, and the coder that turns them back into a stream.
protocol JPEGBlocks: AnyObject {
  /// Sampling, blocks and quantisation of a component.
  func component(_ index: Int) -> tm_jpeg_component
  /// The blocks of one row, 64 coefficients each in natural order, of which those of `columns` are valid, and until the next call.
  func blocks(of component: Int, row: Int, columns: Range<Int>) throws(MediaError) -> UnsafeMutablePointer<
    Int16
  >
  /// Sets `first` to the first coefficients of the first `columns` blocks of one row.
  func readFirst(
    of component: Int, row: Int, columns: Int, into first: UnsafeMutablePointer<Int16>
  ) throws(MediaError)
  /// To be called with each block that was edited.
  func noteEdit(of block: UnsafePointer<Int16>, component: Int, row: Int, column: Int)
  /// To be called with which of the first `columns` blocks of the row that `blocks` gave last were edited: other than zero. Returns
  /// whether any was.
  func noteEdits(component: Int, row: Int, _ edited: UnsafePointer<UInt8>, columns: Int) -> Bool
  /// Encodes the picture as it was coded, with what was edited; valid while this object lives.
  func encode() throws(MediaError) -> JPEGCodedPicture
}

extension JPEGBlocks {
  func readFirst(
    of component: Int, row: Int, columns: Int, into first: UnsafeMutablePointer<Int16>
  ) throws(MediaError) {
    let blocks = try blocks(of: component, row: row, columns: 0..<columns)
    for column in 0..<columns { first[column] = blocks[64 * column] }
  }
}

/// A picture coded anew.
enum JPEGCodedPicture {
  /// Entropy-coded data to stand in place of those at `replacing`; the file's headers hold but for `tables`, which take the place
  /// of those of the same id.
  case scan(UnsafeRawBufferPointer, replacing: Range<Int>, tables: [JPEGHuffmanTable])
  /// A stream from SOI to EOI without kept segments, in place of the picture that ends at `end`.
  case stream(UnsafeRawBufferPointer, end: Int)
}
