internal import MediaCore

/// The one list of keys that takes a label: `moov/udta/meta` with handler `mdta` (TC260-PG-20257A 6.1.1), unless that
/// cannot be.
///
/// Players read one list of keys a film. Measured with ffprobe 5.1, exiftool 12.57, mediainfo 23.04, AtomicParsley
/// and mutagen on a film whose `udta/meta` is an iTunes list (`mdir`) with title, comment and cover:
///
/// | keys are put in | ffprobe | exiftool | mediainfo | tags and cover for all | exiftool -validate |
/// |---|---|---|---|---|---|
/// | a second `udta/meta` behind the first | label | label | label | yes | three duplicates |
/// | a second `udta/meta` in front | label | label | label | lost for mutagen | three duplicates |
/// | the iTunes list itself | nothing | label | nothing | yes | OK |
/// | a second `udta` | label | label | label | yes | four duplicates |
/// | `moov/meta` with version and flags | label | nothing | nothing | yes | OK |
/// | `moov/meta` in QuickTime's form, first in `moov` | label | label | label | lost for mutagen, AtomicParsley | OK |
/// | `moov/meta` in QuickTime's form, last in `moov` | label | label | label | yes | OK |
///
/// The guide names `moov.udta.meta`, and a checker may look there alone, so the first row it is: the iTunes list stays
/// as it is, byte for byte, in front, where readers of tags look. exiftool's complaint about a second box is its own
/// rule: ISO/IEC 14496-12 (8.11.1) limits `meta` in `moov` and `trak`, not in `udta`. A film that has a list of keys
/// already takes the label into that one, wherever it is: with two lists ffprobe and mediainfo read the values of one
/// by the keys of the other.
enum LabelHome {
  /// The list of this `meta` box.
  case list(Int)
  /// A new `meta` in this `udta`; nil for a new one of those too.
  case userData(Int?)

  /// Where the label of a film belongs.
  init(in tree: BoxTree) {
    let lists = Self.lists(in: tree)
    // A list in `moov` that holds a label alone is one that is about to be moved.
    let inMovie = lists.inMovie.filter { ItemList($0, of: tree).hasOtherKeys }
    if let keyed = (lists.inUserData + inMovie).first(where: { ItemList($0, of: tree).isKeyed }) {
      self = .list(keyed)
    } else {
      self = .userData(tree.child(.udta, of: 0))
    }
  }

  /// A new `meta` box with the items of a list of keys.
  static func meta(_ properties: [MetadataProperty]) -> [UInt8] {
    // Version and flags, pre_defined, handler, three reserved words, an empty name (8.4.3).
    let hdlr = BoxType.hdlr.box(
      Array(repeating: 0, count: 8) + BoxType.mdta.rawValue.bigEndianBytes + Array(repeating: 0, count: 13))
    let keys = properties.map { ItemList.key($0.name) }
    let items = properties.enumerated().map { index, property in
      ItemList.item(UInt32(truncatingIfNeeded: index + 1), property.value)
    }
    let flags = [UInt8](repeating: 0, count: 4)
    return BoxType.meta.box(flags + hdlr + ItemList.keysBox(keys) + BoxType.ilst.box(Array(items.joined())))
  }

  /// The `meta` boxes of a movie in whose lists a label is where it belongs: those of `moov/udta`, and that of `moov`
  /// where the list of the film's own keys is.
  static func regularLists(in tree: BoxTree) -> Set<Int> {
    guard tree.root.type == .moov else { return [] }
    let lists = lists(in: tree)
    let inUserData = lists.inUserData.filter { ItemList($0, of: tree).handler == .mdta }
    let isFree = !inUserData.contains { ItemList($0, of: tree).isKeyed }
    let inMovie = lists.inMovie.filter { meta in
      let list = ItemList(meta, of: tree)
      return isFree && list.hasOtherKeys && list.handler == .mdta
    }
    return Set(inUserData + inMovie)
  }

  private static func lists(in tree: BoxTree) -> (inUserData: [Int], inMovie: [Int]) {
    let children = tree.children(of: 0)
    let inUserData = children.filter { tree.boxes[$0].type == .udta }.flatMap { udta in
      tree.children(of: udta).filter { tree.boxes[$0].type == .meta }
    }
    return (inUserData, children.filter { tree.boxes[$0].type == .meta })
  }
}

extension ItemList {
  /// Whether it has keys beside that of a label.
  fileprivate var hasOtherKeys: Bool { keys.contains { $0.name.lowercased() != "aigc" } }

  /// A key of QuickTime's namespace as stored in `keys`.
  static func key(_ name: String) -> [UInt8] { BoxType.mdta.box(Array(name.utf8)) }

  /// A `keys` box.
  static func keysBox(_ keys: [[UInt8]]) -> [UInt8] {
    BoxType.keys.box(
      UInt32(0).bigEndianBytes + UInt32(truncatingIfNeeded: keys.count).bigEndianBytes + Array(keys.joined()))
  }

  /// An item with one text: type 1 is UTF-8, locale 0 is any.
  static func item(_ number: UInt32, _ value: String) -> [UInt8] {
    let data = BoxType.data.box(UInt32(1).bigEndianBytes + UInt32(0).bigEndianBytes + Array(value.utf8))
    return BoxType(rawValue: number).box(data)
  }
}
