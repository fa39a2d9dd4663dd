internal import MediaCore

/// A place that holds a label, or claims to.
struct AnnexESite {
  /// How the place is told.
  enum Place {
    /// The property `AIGC` of an XMP packet, in the TC260 namespace or under its prefix.
    case property
    /// The seven keys as XMP properties of their own.
    case keys
    /// A field of the container that is named AIGC.
    case field
    /// Any other text, whose content alone shows that it is a label.
    case content
  }

  let place: Place
  /// The item, or those of the seven keys.
  let items: [MetadataItem]
  /// What is to be decoded; empty for `keys`.
  let text: String

  /// Every site, in the order of its first item.
  static func all(in items: [MetadataItem]) -> [AnnexESite] {
    let groups = AnnexEKeyGroup.all(in: items)
    var sites: [AnnexESite] = []
    for (index, item) in items.enumerated() {
      if let group = groups[index] {
        if group.first == index {
          sites.append(AnnexESite(place: .keys, items: group.map { items[$0] }, text: ""))
        }
      } else if let site = AnnexESite(item) {
        sites.append(site)
      }
    }
    return sites
  }

  private init(place: Place, items: [MetadataItem], text: String) {
    self.place = place
    self.items = items
    self.text = text
  }

  private init?(_ item: MetadataItem) {
    // A raw XMP item is the message of a packet that could not be read, not a value.
    guard item.carrier != .box, !(item.carrier == .xmp && item.form == .raw) else { return nil }
    let isNamed = item.name.lowercased() == "aigc"
    if isNamed, item.isTC260 {
      self.init(place: .property, items: [item], text: item.value)
    } else if isNamed, item.carrier != .xmp, item.carrier != .exif {
      // Plain words under the key are a home-made stamp: a trace, not a damaged label.
      guard item.value.isBlank || AnnexEText.opensJSON(item.value) else { return nil }
      self.init(place: .field, items: [item], text: item.value)
    } else if let text = AnnexEText.label(
      in: item.value, anywhere: item.form == .raw || item.carrier == .segment)
    {
      self.init(place: .content, items: [item], text: text)
    } else {
      return nil
    }
  }
}

extension MetadataItem {
  /// Whether it is an XMP property of the TC260 namespace, be it by a misspelt URI or by the prefix alone.
  var isTC260: Bool {
    carrier == .xmp
      && (prefix.lowercased() == "tc260" || namespace.lowercased().contains("tc260.org.cn/ns/aigc"))
  }
}

extension String {
  /// Whether nothing but white space and zeros stands in it.
  var isBlank: Bool { utf8.allSatisfy { $0 <= 0x20 } }
}

/// The seven keys as separate XMP properties: which items belong together.
enum AnnexEKeyGroup {
  /// By index of an item, the indices of all items of its group.
  static func all(in items: [MetadataItem]) -> [Int: [Int]] {
    struct Home: Hashable {
      let offset: UInt64
      let namespace: String
      let prefix: String
    }
    var open: [Home: [Int]] = [:]
    var groups: [[Int]] = []
    for (index, item) in items.enumerated()
    where item.carrier == .xmp && AnnexE.Key(rawValue: item.name) != nil {
      let home = Home(offset: item.offset, namespace: item.namespace, prefix: item.prefix)
      let group = open[home] ?? []
      // A key for the second time in one packet begins a second label.
      if group.contains(where: { items[$0].name == item.name }) {
        groups.append(group)
        open[home] = [index]
      } else {
        open[home] = group + [index]
      }
    }
    groups += open.values
    var result: [Int: [Int]] = [:]
    for group in groups where isLabel(group.map { items[$0] }) {
      for index in group { result[index] = group }
    }
    return result
  }

  /// Outside of the TC260 namespace `Label` is a common name (`xmp:Label` is a colour mark), so that more is needed.
  private static func isLabel(_ items: [MetadataItem]) -> Bool {
    if items.contains(where: \.isTC260) { return true }
    let names = Set(items.map(\.name))
    return names.contains("Label") && (names.contains("ContentProducer") || names.contains("ProduceID"))
  }
}
