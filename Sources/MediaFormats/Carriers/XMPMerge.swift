internal import CXML
internal import MediaCore

/// Edits the tree of one packet.
struct XMPMerge {
  /// Whether anything was edited.
  private(set) var hasChanged = false
  private let tree: XMLTree
  private let target: XMLNode
  private let properties: XMPProperties
  private let descriptions: [XMLNode]

  /// Finds where new properties go: the first description about the file itself. All descriptions of a packet
  /// share one `rdf:about` (ISO 16684-1, 7.4), so where none is empty the first will do. Throws `malformed` for a
  /// document that is no XMP.
  init(_ tree: XMLTree, limits: Limits) throws(MediaError) {
    self.tree = tree
    properties = try XMPProperties(of: tree.root, limits: limits)
    var descriptions = properties.descriptions
    let own = descriptions.first { node in
      node.attributes.allSatisfy { $0.localName != "about" || $0.text.isEmpty }
    }
    if let description = own ?? descriptions.first {
      target = description
    } else {
      target = try Self.makeDescription(in: tree, container: properties.container)
      descriptions = [target]
    }
    self.descriptions = descriptions
  }

  /// Unlinks every property that is one of `items` as written; those that `kept` will replace stay for `set`.
  mutating func remove(_ items: [MetadataItem], except kept: [MetadataProperty]) {
    let doomed = properties.all.filter { property in
      items.contains {
        $0.carrier == .xmp && $0.namespace == property.name.namespace && $0.name == property.name.local
          && $0.form == property.form && $0.value == property.value
      } && !(isTopLevel(property.site) && kept.contains { matches(property.name, $0) })
    }
    var namespaces: Set<UnsafeMutablePointer<xmlNs>> = []
    var sites: Set<XMPProperty.Site> = []
    // Sites nest (a structure with a field), so nothing is freed before the last of them is unlinked.
    var unlinked: Set<XMLNode> = []
    for property in doomed where sites.insert(property.site).inserted {
      hasChanged = true
      switch property.site {
      case .attribute(let attribute):
        if let namespace = attribute.pointer.pointee.ns { namespaces.insert(namespace) }
        attribute.remove()
      case .element(let node):
        if let namespace = node.pointer.pointee.ns { namespaces.insert(namespace) }
        let top = outermost(emptiedBy: node)
        top.unlink()
        unlinked.insert(top)
      }
    }
    for node in unlinked { xmlFreeNode(node.pointer) }
    for namespace in namespaces { dropDeclaration(namespace) }
  }

  /// Leaves exactly one element for each property, in place where there was one, none where the value is empty.
  mutating func set(_ properties: [MetadataProperty]) throws(MediaError) {
    for property in properties {
      var sites = occurrences(of: property)
      guard !property.value.isEmpty else {
        for site in sites { remove(site) }
        continue
      }
      let home = sites.firstIndex { if case .element(let node) = $0 { node.parent == target } else { false } }
      let namespace = try declare(property)
      let existing = home.map { sites.remove(at: $0) }
      for site in sites { remove(site) }
      if case .element(let node)? = existing {
        if isWritten(node, property, namespace) { continue }
        let fresh = try makeElement(property, namespace)
        xmlReplaceNode(node.pointer, fresh)
        xmlFreeNode(node.pointer)
      } else {
        append(try makeElement(property, namespace))
      }
      hasChanged = true
    }
  }
}

extension XMPMerge {
  private static func makeDescription(
    in tree: XMLTree, container: XMLNode?
  ) throws(MediaError) -> XMLNode {
    var container = container
    if container == nil, let root = tree.root, root.localName == "xmpmeta", root.children.isEmpty {
      // A wrapper without content.
      let node = xmlNewChild(root.pointer, nil, "RDF", nil)
      if let node { xmlSetNs(node, xmlNewNs(node, XMPProperties.rdf, "rdf")) }
      container = node.map(XMLNode.init)
    }
    guard let container, let namespace = container.pointer.pointee.ns,
      let node = xmlNewChild(container.pointer, namespace, "Description", nil)
    else { throw MediaError(.malformed, .metadata, "XMP packet holds no rdf:RDF element (ISO 16684-1, 7.3)") }
    xmlNewNsProp(node, namespace, "about", "")
    return XMLNode(node)
  }

  private func matches(_ name: XMLName, _ property: MetadataProperty) -> Bool {
    name.local == property.name && name.namespace == property.namespace
  }

  private func isTopLevel(_ site: XMPProperty.Site) -> Bool {
    switch site {
    case .element(let node): node.parent.map(descriptions.contains) ?? false
    case .attribute(let attribute):
      attribute.pointer.pointee.parent.map { descriptions.contains(XMLNode($0)) } ?? false
    }
  }

  private func occurrences(of property: MetadataProperty) -> [XMPProperty.Site] {
    // Not kept from call to call: a freed declaration's address may come back for another.
    var names = XMLNames()
    var sites: [XMPProperty.Site] = []
    for description in descriptions {
      for attribute in description.attributes where matches(names.name(of: attribute), property) {
        sites.append(.attribute(attribute))
      }
      for child in description.children where matches(names.name(of: child), property) {
        sites.append(.element(child))
      }
    }
    return sites
  }

  private mutating func remove(_ site: XMPProperty.Site) {
    hasChanged = true
    switch site {
    case .attribute(let attribute): attribute.remove()
    case .element(let node):
      node.unlink()
      xmlFreeNode(node.pointer)
    }
  }

  /// The element, or the highest one above it, short of the description, that would be left without content.
  private func outermost(emptiedBy node: XMLNode) -> XMLNode {
    var node = node
    while let parent = node.parent, !descriptions.contains(parent), parent.children.count == 1,
      parent.attributes.allSatisfy({ $0.localName == "parseType" })
    {
      node = parent
    }
    return node
  }

  private func isWritten(
    _ node: XMLNode, _ property: MetadataProperty, _ namespace: UnsafeMutablePointer<xmlNs>
  ) -> Bool {
    node.pointer.pointee.ns == namespace && node.attributes.isEmpty && node.children.isEmpty
      && node.text == property.value
  }

  private func makeElement(
    _ property: MetadataProperty, _ namespace: UnsafeMutablePointer<xmlNs>
  ) throws(MediaError) -> UnsafeMutablePointer<xmlNode> {
    guard let node = xmlNewDocNode(tree.document, namespace, property.name, nil) else {
      throw MediaError(.internalFault, .metadata, "no memory for an XML element")
    }
    xmlNodeAddContent(node, property.value)
    return node
  }

  /// Adds an element to the target, indented as the first one there.
  private func append(_ node: UnsafeMutablePointer<xmlNode>) {
    let first = target.pointer.pointee.children
    if let first, first.pointee.next != nil, xmlIsBlankNode(first) == 1, let last = target.children.last {
      if let indent = xmlCopyNode(first, 0) {
        // libxml2 merges neighbouring text, so the order of the two calls matters.
        xmlAddNextSibling(last.pointer, node)
        xmlAddNextSibling(last.pointer, indent)
        return
      }
    }
    xmlAddChild(target.pointer, node)
  }

  /// The namespace of `property` as declared for the target, with the preferred prefix unless another URI has it.
  private func declare(_ property: MetadataProperty) throws(MediaError) -> UnsafeMutablePointer<xmlNs> {
    var prefix = property.prefix
    var number = 0
    while let found = xmlSearchNs(tree.document, target.pointer, prefix) {
      if XMLText.string(found.pointee.href) == property.namespace { return found }
      number += 1
      prefix = property.prefix + String(number)
    }
    guard let made = xmlNewNs(target.pointer, property.namespace, prefix) else {
      throw MediaError(.internalFault, .metadata, "no memory for an XML namespace")
    }
    return made
  }

  /// Takes away a declaration that nothing uses any more, so that its prefix is free for the right URI.
  private func dropDeclaration(_ namespace: UnsafeMutablePointer<xmlNs>) {
    guard let root = tree.root, !root.uses(namespace) else { return }
    root.removeDeclaration(namespace)
  }
}
