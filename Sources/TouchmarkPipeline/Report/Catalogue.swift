public import Labels
public import MediaCore
public import MediaFormats

/// The two tables as text, Markdown and JSON: what help, README and tests derive from.
public struct Catalogue: Sendable {
  private let formats: [FormatDescriptor]
  private let labels: [LabelDescriptor]

  /// The catalogue of the given tables.
  public init(formats: FormatTable = BuiltinFormats.table, labels: LabelTable = BuiltinLabels.table) {
    self.formats = formats.formats.map(\.descriptor)
    self.labels = labels.labels.map(\.descriptor)
  }

  private static let formatHead = [
    "format", "media", "extensions", "label", "verify", "metadata label stands in",
  ]
  private static let labelHead = ["label", "embedded", "by default", "what it is"]

  private var formatRows: [[String]] {
    formats.map { row in
      [
        row.id.rawValue, row.kind.rawValue, row.extensions.joined(separator: " "),
        Self.word(row.capabilities, [.writeMetadata, .encode]),
        Self.word(row.capabilities, [.readMetadata, .decode]), row.labelSite,
      ]
    }
  }

  /// What can be done with metadata (first) and frames (second).
  private static func word(
    _ all: FormatDescriptor.Capabilities, _ pair: [FormatDescriptor.Capabilities]
  ) -> String {
    let has = pair.map(all.isSuperset(of:))
    return has == [true, true] ? "yes" : has == [true, false] ? "metadata only" : "no"
  }

  private var labelRows: [[String]] {
    labels.map { row in
      [
        row.id.rawValue, row.isEmbeddable ? "yes" : "detected only", row.isDefault ? "yes" : "no",
        row.summary,
      ]
    }
  }

  /// Two tables in columns.
  public var text: String {
    Self.columns([Self.formatHead] + formatRows) + "\n\n" + Self.columns([Self.labelHead] + labelRows)
  }

  /// Two Markdown tables with an empty line between.
  public var markdown: String {
    Self.markdown(Self.formatHead, formatRows) + "\n\n" + Self.markdown(Self.labelHead, labelRows)
  }

  /// One JSON object with `formats` and `labels`.
  public var json: String {
    let formats = formats.map { row in
      JSONValue.object([
        ("id", .string(row.id.rawValue)), ("media", .string(row.kind.rawValue)),
        ("extensions", .array(row.extensions.map { .string($0) })),
        ("mimeTypes", .array(row.mimeTypes.map { .string($0) })),
        ("readMetadata", .bool(row.capabilities.contains(.readMetadata))),
        ("writeMetadata", .bool(row.capabilities.contains(.writeMetadata))),
        ("decode", .bool(row.capabilities.contains(.decode))),
        ("encode", .bool(row.capabilities.contains(.encode))), ("labelSite", .string(row.labelSite)),
      ])
    }
    let labels = labels.map { row in
      JSONValue.object([
        ("id", .string(row.id.rawValue)),
        ("media", .array(MediaKind.allCases.filter(row.kinds.contains).map { .string($0.rawValue) })),
        ("embeddable", .bool(row.isEmbeddable)), ("default", .bool(row.isDefault)),
        ("exclusive", .bool(row.isExclusive)), ("summary", .string(row.summary)),
      ])
    }
    return JSONValue.object([("formats", .array(formats)), ("labels", .array(labels))]).text
  }

  private static func columns(_ rows: [[String]]) -> String {
    let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
        .joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }

  private static func markdown(_ head: [String], _ rows: [[String]]) -> String {
    ([head, head.map { _ in "---" }] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
      .joined(separator: "\n")
  }
}
