/// A kind of place that holds metadata; formats add their own.
public struct MetadataCarrier: RawRepresentable, Sendable, Hashable {
  /// The name used for `where` in reports.
  public let rawValue: String
  /// A carrier by its report name.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// A property of an XMP packet.
  public static let xmp = MetadataCarrier(rawValue: "xmp")
  /// A tag of an Exif (TIFF) directory.
  public static let exif = MetadataCarrier(rawValue: "exif")
  /// A PNG `tEXt`, `zTXt` or `iTXt` chunk that is not an XMP packet.
  public static let text = MetadataCarrier(rawValue: "text")
  /// A JPEG COM segment.
  public static let comment = MetadataCarrier(rawValue: "comment")
  /// Text glued into an application segment that no specification puts there.
  public static let segment = MetadataCarrier(rawValue: "segment")
  /// A box, chunk or segment reported for being present, value empty (a C2PA store).
  public static let box = MetadataCarrier(rawValue: "box")
}

/// One piece of metadata as found in a file, at its exact site.
public struct MetadataItem: Sendable, Hashable {
  /// How the value is written at its site.
  public enum Form: String, Sendable {
    /// XML element content.
    case element
    /// XML attribute value.
    case attribute
    /// A text field of the container.
    case text
    /// Bytes with no field of their own.
    case raw
    /// Present, value not read.
    case presence
  }

  /// The kind of place.
  public let carrier: MetadataCarrier
  /// XMP namespace URI; Exif directory (`IFD0`, `ExifIFD`, `GPS`, `IFD1`); PNG chunk type; JPEG marker (`APP3`).
  public let namespace: String
  /// XMP local name; Exif tag name; PNG keyword; empty where the site has no key.
  public let name: String
  /// The value as text, decoded from the site's own coding; at most `Limits.metadataValueBytes` bytes.
  public let value: String
  /// How it is written.
  public let form: Form
  /// Byte offset in the file of the segment, chunk or box that holds it.
  public let offset: UInt64
  /// The way to it for people: `APP1 XMP rdf:Description/TC260:AIGC`, `eXIf ExifIFD UserComment`.
  public let path: String
  /// The namespace prefix as written, empty outside XMP.
  public let prefix: String
  /// False when the site is legal to read but not where its specification puts it: after the image data,
  /// compressed where it should be plain, in a raw profile, in an extended packet.
  public let isRegularPlace: Bool

  /// A piece of metadata at its site.
  public init(
    carrier: MetadataCarrier, namespace: String, name: String, value: String, form: Form, offset: UInt64,
    path: String, prefix: String = "", isRegularPlace: Bool = true
  ) {
    self.carrier = carrier
    self.namespace = namespace
    self.name = name
    self.value = value
    self.form = form
    self.offset = offset
    self.path = path
    self.prefix = prefix
    self.isRegularPlace = isRegularPlace
  }
}

/// A property to write. Each format maps it to its own carrier: an XMP property in pictures, a chunk, frame or
/// comment named `name` elsewhere.
public struct MetadataProperty: Sendable, Hashable {
  /// XMP namespace URI.
  public let namespace: String
  /// Preferred XMP prefix.
  public let prefix: String
  /// Local name, and the key in carriers without namespaces.
  public let name: String
  /// Text value, unescaped.
  public let value: String

  /// A property to write.
  public init(namespace: String, prefix: String, name: String, value: String) {
    self.namespace = namespace
    self.prefix = prefix
    self.name = name
    self.value = value
  }
}

/// What a rewrite does to a file's metadata; everything it does not name stays as it is.
public struct MetadataChanges: Sendable, Hashable {
  /// Properties to add or to replace (same namespace and name) in the format's regular place.
  public var set: [MetadataProperty]
  /// Sites to take away, as `MediaFile.metadata` reported them: former label sites that `set` replaces.
  public var remove: [MetadataItem]

  /// Changes; none by default.
  public init(set: [MetadataProperty] = [], remove: [MetadataItem] = []) {
    self.set = set
    self.remove = remove
  }

  /// Whether nothing is asked for.
  public var isEmpty: Bool { self.set.isEmpty && remove.isEmpty }
}
