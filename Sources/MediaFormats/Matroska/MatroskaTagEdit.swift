internal import MediaCore

/// Changes to the tags of one Tags element.
struct MatroskaTagEdit {
  private let buffer: EBMLBuffer
  private let limits: Limits
  private var patch = EBMLPatch()
  private var tags: [(element: EBMLElement, simple: [MatroskaSimpleTag])] = []

  /// Whether anything changes.
  var isEmpty: Bool { patch.replacements.isEmpty && patch.additions.isEmpty }

  init(_ buffer: EBMLBuffer, limits: Limits) throws(MediaError) {
    self.buffer = buffer
    self.limits = limits
    var cursor = buffer.children(of: buffer.root)
    while let tag = try cursor.next() {
      guard tag.id == .tag else { continue }
      tags.append((tag, try MatroskaSimpleTag.all(of: tag, in: buffer, limits: limits)))
    }
  }

  /// Takes away the tags that `items` names, and those in the regular place that have one of `names` (lower case);
  /// the first of these takes the new value from `properties`. Items found leave `items`, properties written leave
  /// `properties`.
  mutating func apply(
    _ items: inout [MetadataItem], _ properties: inout [MetadataProperty], names: Set<String>
  ) {
    for tag in tags {
      var left = tag.simple.count { $0.parents.isEmpty }
      for simple in tag.simple {
        let offset = UInt64(buffer.base + simple.element.offset)
        let isNamed = items.contains { $0.offset == offset && $0.name == simple.name }
        items.removeAll { $0.offset == offset && $0.name == simple.name }
        if simple.isRegular, names.contains(simple.name.lowercased()) {
          let index = properties.firstIndex { $0.name.lowercased() == simple.name.lowercased() }
          if let index, !properties[index].value.isEmpty {
            patch.replacements[simple.element.offset] = Self.simpleTag(properties.remove(at: index))
            continue
          }
        } else if !isNamed {
          continue
        }
        patch.replacements[simple.element.offset] = []
        if simple.parents.isEmpty { left -= 1 }
      }
      // A Tag needs a SimpleTag (RFC 9559, 5.1.8.1).
      if left == 0, !tag.simple.isEmpty { patch.replacements[tag.element.offset] = [] }
    }
  }

  /// Adds what is left of `properties`, to the first Tag about the whole file.
  mutating func add(_ properties: [MetadataProperty]) {
    let simple = properties.filter { !$0.value.isEmpty }.flatMap { Self.simpleTag($0) }
    guard !simple.isEmpty else { return }
    let host = tags.first { tag in
      tag.simple.first?.targets.isWholeFile == true && patch.replacements[tag.element.offset] == nil
    }
    if let host {
      patch.additions[host.element.offset] = simple
    } else {
      patch.additions[buffer.root.offset] = Self.tag(simple)
    }
  }

  /// The Tags element anew; empty when no Tag is left in it.
  func result() throws(MediaError) -> [UInt8] {
    let isGone = tags.allSatisfy { patch.replacements[$0.element.offset]?.isEmpty == true }
    return isGone && patch.additions.isEmpty ? [] : try patch.applied(to: buffer)
  }

  /// A new Tags element; empty for no properties.
  static func tags(_ properties: [MetadataProperty]) -> [UInt8] {
    let simple = properties.filter { !$0.value.isEmpty }.flatMap { simpleTag($0) }
    return simple.isEmpty ? [] : EBMLWriting.element(.tags, tag(simple))
  }

  private static func tag(_ simple: [UInt8]) -> [UInt8] {
    EBMLWriting.element(.tag, EBMLWriting.element(.targets, []) + simple)
  }

  private static func simpleTag(_ property: MetadataProperty) -> [UInt8] {
    EBMLWriting.element(
      .simpleTag,
      EBMLWriting.element(.tagName, Array(property.name.utf8))
        + EBMLWriting.element(.tagString, Array(property.value.utf8)))
  }
}
