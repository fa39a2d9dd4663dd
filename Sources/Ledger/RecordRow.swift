internal import MediaCore

/// A record as a row of the table `records`.
enum RecordRow {
  /// The columns in the order of `read` and `bind`; the number of the row stands before them.
  static let columns = """
    time, produce_id, producer, payload, input_sha256, output_sha256, perceptual_hash, model, aigc, explicit_label, layers, \
    recipient, agreement, checked, input_path, output_path, format, media, width, height, state, origin
    """

  /// The condition that column `name` is the SHA-256 `whole`, which begins with `head`. The sign keeps SQLite from putting the value in
  /// place of the column, in which it would no longer see the index.
  static func digest(_ name: String, head: String, whole: String) -> String {
    "substr(\(name), 1, \(Schema.headDigits)) = \(head) AND +\(name) = \(whole)"
  }

  /// The first value of `statement` is the record's first column.
  static func bind(_ record: LedgerRecord, to statement: Statement) throws(MediaError) {
    try statement.bind(1, record.time.milliseconds)
    try statement.bind(2, record.produceID)
    try statement.bind(3, record.producer)
    if !record.payload.isEmpty { try statement.bind(4, record.payload) }
    try statement.bind(5, record.inputDigest)
    try statement.bind(6, record.outputDigest)
    try statement.bind(7, blob: record.perceptualHash?.bytes)
    try statement.bind(8, record.model)
    try statement.bind(9, record.metadata)
    try statement.bind(10, record.explicit)
    try statement.bind(11, record.layers.map(\.rawValue).joined(separator: ","))
    try statement.bind(12, record.recipient)
    try statement.bind(13, record.agreement)
    try statement.bind(14, record.check)
    try statement.bind(15, text: record.input.bytes)
    try statement.bind(16, text: record.output.bytes)
    try statement.bind(17, record.format.rawValue)
    try statement.bind(18, record.media.rawValue)
    try statement.bind(19, Int64(record.size.width))
    try statement.bind(20, Int64(record.size.height))
    try statement.bind(21, record.state.rawValue)
    try statement.bind(22, record.origin.rawValue)
  }

  /// The record in a row of `id` and `columns`. What no program of ours writes is read as empty.
  static func read(_ row: Statement) -> LedgerRecord {
    var record = LedgerRecord(
      time: Timestamp(milliseconds: row.integer(1)), produceID: row.text(2), producer: row.text(3),
      outputDigest: row.text(6), input: FilePath(bytes: row.bytes(15) ?? []),
      output: FilePath(bytes: row.bytes(16) ?? []), format: FormatID(rawValue: row.text(17)),
      media: MediaKind(rawValue: row.text(18)) ?? .image)
    record.payload = row.text(4)
    record.inputDigest = row.text(5)
    record.perceptualHash = row.bytes(7).flatMap { PerceptualHash(bytes: $0) }
    record.model = row.text(8)
    record.metadata = row.text(9)
    record.explicit = row.text(10)
    record.layers = row.text(11).split(separator: ",").map { LabelID(rawValue: String($0)) }
    record.recipient = row.text(12)
    record.agreement = row.text(13)
    record.check = row.text(14)
    record.size = PixelSize(
      width: Int(clamping: max(0, row.integer(19))), height: Int(clamping: max(0, row.integer(20))))
    record.state = LedgerRecord.State(rawValue: row.text(21)) ?? .current
    record.origin = LedgerRecord.Origin(rawValue: row.text(22)) ?? .run
    return record
  }
}
