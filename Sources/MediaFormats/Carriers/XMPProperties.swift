internal import MediaCore

/// One simple value of a packet and the node that holds it.
struct XMPProperty {
  /// What to unlink to take the value away.
  enum Site: Hashable {
    case element(XMLNode)
    case attribute(XMLAttribute)
  }

  let name: XMLName
  let value: String
  /// `rdf:Description/dc:subject[1]`.
  let path: String
  let site: Site

  var form: MetadataItem.Form {
    switch site {
    case .element: .element
    case .attribute: .attribute
    }
  }
}

/// Walks RDF/XML as far as ISO 16684-1 (7) uses it and flattens it to simple values.
struct XMPProperties {
  /// The RDF syntax namespace.
  static let rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  /// Longest array that is read: ancestor lists of layered documents run to tens of thousands, and nothing that
  /// labels a file stands there.
  private static let arrayItems = 256

  /// All values in document order.
  private(set) var all: [XMPProperty] = []
  /// The `rdf:Description` elements (or typed nodes) directly under `rdf:RDF`.
  private(set) var descriptions: [XMLNode] = []
  /// The first `rdf:RDF`.
  private(set) var container: XMLNode?
  private var names = XMLNames()
  private let limits: Limits

  /// Reads every property below `root`; throws `limitExceeded` for more than `limits.metadataItems`.
  init(of root: XMLNode?, limits: Limits) throws(MediaError) {
    self.limits = limits
    guard let root else { return }
    locate(from: root)
    for description in descriptions {
      try fields(of: description, path: "rdf:" + names.name(of: description).local)
    }
  }

  private mutating func locate(from node: XMLNode) {
    if isSyntax(names.name(of: node), "RDF") {
      container = container ?? node
      descriptions += node.children
    } else if isSyntax(names.name(of: node), "Description") {
      descriptions.append(node)
    } else {
      for child in node.children { locate(from: child) }
    }
  }

  /// Attributes and child elements as properties.
  private mutating func fields(of node: XMLNode, path: String) throws(MediaError) {
    try attributes(of: node, path: path)
    for child in node.children {
      let name = names.name(of: child)
      try value(of: child, name: name, path: join(path, name))
    }
  }

  private mutating func attributes(of node: XMLNode, path: String) throws(MediaError) {
    for attribute in node.attributes {
      let name = names.name(of: attribute)
      if isSyntax(name) || name.prefix == "xml" { continue }
      try add(name, attribute.text, join(path, name), .attribute(attribute))
    }
  }

  /// The value of a property element or array item, called `name`.
  private mutating func value(of node: XMLNode, name: XMLName, path: String) throws(MediaError) {
    for attribute in node.attributes where isSyntax(names.name(of: attribute), "resource", "value") {
      try add(name, attribute.text, path, .element(node))
    }
    let children = node.children
    let kinds = node.attributes.map { names.name(of: $0) }
    let isLiteral = node.attributes.contains {
      isSyntax(names.name(of: $0), "parseType") && $0.text == "Literal"
    }
    try attributes(of: node, path: path)
    if children.isEmpty || isLiteral {
      let text = node.text
      let isStructure = kinds.contains { $0.prefix != "xml" && !(isSyntax($0) && $0.local == "parseType") }
      if !isStructure || text.utf8.contains(where: { $0 > 0x20 }) {
        try add(name, text, path, .element(node))
      }
      return
    }
    // Not RDF, but what is left of a packet with a lost end tag.
    let text = node.ownText
    if text.utf8.contains(where: { $0 > 0x20 }) { try add(name, text, path, .element(node)) }
    for child in children { try part(child, of: node, name: name, path: path) }
  }

  /// What stands inside a property element: an array, a structure, a qualified value or a field.
  private mutating func part(
    _ child: XMLNode, of owner: XMLNode, name: XMLName, path: String
  ) throws(MediaError) {
    let kind = names.name(of: child)
    if isSyntax(kind, "Bag", "Seq", "Alt") {
      for (index, item) in child.children.prefix(Self.arrayItems).enumerated() {
        try value(of: item, name: name, path: "\(path)[\(index + 1)]")
      }
    } else if isSyntax(kind, "Description") {
      try attributes(of: child, path: path)
      for field in child.children { try part(field, of: owner, name: name, path: path) }
    } else if isSyntax(kind, "value"), child.children.isEmpty {
      try add(name, child.text, path, .element(owner))
    } else {
      try value(of: child, name: kind, path: join(path, kind))
    }
  }

  private mutating func add(
    _ name: XMLName, _ value: String, _ path: String, _ site: XMPProperty.Site
  ) throws(MediaError) {
    guard all.count < limits.metadataItems else {
      throw MediaError(
        .limitExceeded, .metadata, "XMP packet holds more than the \(limits.metadataItems) properties allowed"
      )
    }
    all.append(XMPProperty(name: name, value: value, path: path, site: site))
  }

  /// Whether `name` belongs to the RDF syntax; by prefix too, since readers of damaged packets need it.
  private func isSyntax(_ name: XMLName) -> Bool { name.namespace == Self.rdf || name.prefix == "rdf" }

  private func isSyntax(_ name: XMLName, _ locals: String...) -> Bool {
    isSyntax(name) && locals.contains(name.local)
  }

  /// A path one step longer. Steps are cut so that deep nests of long names cannot multiply.
  private func join(_ path: String, _ name: XMLName) -> String {
    path + "/" + (name.qualified.utf8.count <= 80 ? name.qualified : String(name.qualified.prefix(40)) + "…")
  }
}
