internal import CXML

/// A name as written and as resolved.
struct XMLName: Hashable {
  /// Namespace URI; empty for none and for a prefix that is not declared.
  var namespace: String
  /// Prefix as written, empty for none.
  var prefix: String
  /// The name without prefix.
  var local: String

  /// `prefix:local`.
  var qualified: String { prefix.isEmpty ? local : prefix + ":" + local }
}

/// A borrowed element of an `XMLTree`; valid as long as the tree and until it is unlinked.
struct XMLNode: Hashable {
  let pointer: UnsafeMutablePointer<xmlNode>

  init(_ pointer: UnsafeMutablePointer<xmlNode>) { self.pointer = pointer }

  /// Element children in order.
  var children: [XMLNode] {
    var result: [XMLNode] = []
    var next = pointer.pointee.children
    while let child = next {
      if child.pointee.type == XML_ELEMENT_NODE { result.append(XMLNode(child)) }
      next = child.pointee.next
    }
    return result
  }

  /// Attributes in order, without namespace declarations.
  var attributes: [XMLAttribute] {
    var result: [XMLAttribute] = []
    var next = pointer.pointee.properties
    while let attribute = next {
      result.append(XMLAttribute(pointer: attribute))
      next = attribute.pointee.next
    }
    return result
  }

  var parent: XMLNode? {
    guard let parent = pointer.pointee.parent, parent.pointee.type == XML_ELEMENT_NODE else { return nil }
    return XMLNode(parent)
  }

  /// The name without namespace; with an undeclared prefix still in front.
  var localName: String { XMLText.string(pointer.pointee.name) }

  /// All text below, CDATA included.
  var text: String { XMLText.content(of: pointer) }

  /// Text and CDATA of this element alone.
  var ownText: String {
    var result = ""
    var next = pointer.pointee.children
    while let child = next {
      if child.pointee.type == XML_TEXT_NODE || child.pointee.type == XML_CDATA_SECTION_NODE {
        result += XMLText.content(of: child)
      }
      next = child.pointee.next
    }
    return result
  }

  /// Takes the element out of the tree, and the white space that indented it; the caller frees it.
  func unlink() {
    if let before = pointer.pointee.prev, xmlIsBlankNode(before) == 1 {
      xmlUnlinkNode(before)
      xmlFreeNode(before)
    }
    xmlUnlinkNode(pointer)
  }
}

/// A borrowed attribute of an `XMLTree`.
struct XMLAttribute: Hashable {
  let pointer: UnsafeMutablePointer<xmlAttr>

  var text: String {
    // libxml2 lays xmlAttr out as an xmlNode up to the fields that xmlNodeGetContent reads.
    XMLText.content(of: UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: xmlNode.self))
  }

  /// The name without namespace; with an undeclared prefix still in front.
  var localName: String { XMLText.string(pointer.pointee.name) }

  func remove() { xmlRemoveProp(pointer) }
}

extension XMLNode {
  /// Whether this element, an attribute or anything below is in `namespace`, by declaration and not by URI.
  func uses(_ namespace: UnsafeMutablePointer<xmlNs>) -> Bool {
    pointer.pointee.ns == namespace || attributes.contains { $0.pointer.pointee.ns == namespace }
      || children.contains { $0.uses(namespace) }
  }

  /// Unlinks and frees the declaration wherever it stands below; nothing may use it.
  @discardableResult
  func removeDeclaration(_ namespace: UnsafeMutablePointer<xmlNs>) -> Bool {
    var previous: UnsafeMutablePointer<xmlNs>?
    var next = pointer.pointee.nsDef
    while let current = next {
      if current == namespace {
        if let previous {
          previous.pointee.next = current.pointee.next
        } else {
          pointer.pointee.nsDef = current.pointee.next
        }
        xmlFreeNs(current)
        return true
      }
      previous = current
      next = current.pointee.next
    }
    return children.contains { $0.removeDeclaration(namespace) }
  }
}

/// Resolves names, making one string of each namespace however many elements share it: a packet may not buy a
/// copy of a long URI with every short element.
struct XMLNames {
  private var known: [UnsafeMutablePointer<xmlNs>: (uri: String, prefix: String)] = [:]

  mutating func name(of node: XMLNode) -> XMLName {
    resolve(node.pointer.pointee.ns, XMLText.string(node.pointer.pointee.name))
  }

  mutating func name(of attribute: XMLAttribute) -> XMLName {
    resolve(attribute.pointer.pointee.ns, XMLText.string(attribute.pointer.pointee.name))
  }

  private mutating func resolve(_ namespace: UnsafeMutablePointer<xmlNs>?, _ name: String) -> XMLName {
    guard let namespace else {
      // An undeclared prefix stays glued to the name in libxml2's tree.
      guard let colon = name.firstIndex(of: ":") else {
        return XMLName(namespace: "", prefix: "", local: name)
      }
      return XMLName(
        namespace: "", prefix: String(name[..<colon]), local: String(name[name.index(after: colon)...]))
    }
    let entry =
      known[namespace] ?? (XMLText.string(namespace.pointee.href), XMLText.string(namespace.pointee.prefix))
    known[namespace] = entry
    return XMLName(namespace: entry.uri, prefix: entry.prefix, local: name)
  }
}

/// libxml2's strings as Swift's.
enum XMLText {
  static func string(_ text: UnsafePointer<xmlChar>?) -> String { text.map { String(cString: $0) } ?? "" }

  static func content(of node: UnsafeMutablePointer<xmlNode>) -> String {
    guard let text = xmlNodeGetContent(node) else { return "" }
    defer { cxml_free(text) }
    return String(cString: text)
  }
}
