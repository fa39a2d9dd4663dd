internal import CXML
internal import MediaCore

/// What is checked and spelled before libxml2 has a say.
enum XMPWriting {
  /// `properties` without duplicates (the last of a name wins). Throws `invalidArgument` for what XML 1.0 cannot
  /// hold.
  static func checked(_ properties: [MetadataProperty]) throws(MediaError) -> [MetadataProperty] {
    var kept: [MetadataProperty] = []
    for property in properties {
      guard !property.namespace.isEmpty, isName(property.name), isName(property.prefix) else {
        throw MediaError(
          .invalidArgument, .metadata,
          "'\(property.prefix):\(property.name)' in namespace '\(property.namespace)' is no XMP property name"
        )
      }
      for text in [property.namespace, property.value] {
        guard let scalar = text.unicodeScalars.first(where: { !isCharacter($0) }) else { continue }
        throw MediaError(
          .invalidArgument, .metadata,
          "\(property.prefix):\(property.name) holds U+\(String(scalar.value, radix: 16, uppercase: true)), "
            + "which XML cannot (XML 1.0, 2.2)")
      }
      if let index = kept.firstIndex(where: { $0.name == property.name && $0.namespace == property.namespace }
      ) {
        kept[index] = property
      } else {
        kept.append(property)
      }
    }
    return kept
  }

  /// A new packet, spelled as practice guide TC260-PG-20259A shows it: written out because libxml2 would put the
  /// namespaces before `rdf:about`.
  static func packet(_ properties: [MetadataProperty]) -> [UInt8] {
    var prefixes: [(prefix: String, namespace: String)] = [
      ("rdf", XMPProperties.rdf), ("x", "adobe:ns:meta/"),
    ]
    var elements = ""
    for property in properties where !property.value.isEmpty {
      var prefix = property.prefix
      var number = 0
      while let taken = prefixes.first(where: { $0.prefix == prefix }), taken.namespace != property.namespace
      {
        number += 1
        prefix = property.prefix + String(number)
      }
      if !prefixes.contains(where: { $0.prefix == prefix }) { prefixes.append((prefix, property.namespace)) }
      elements += "<\(prefix):\(property.name)>\(escaped(property.value))</\(prefix):\(property.name)>"
    }
    let declarations = prefixes.dropFirst(2).map { " xmlns:\($0.prefix)=\"\(quoted($0.namespace))\"" }
      .joined()
    return Array(
      """
      <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">\
      <rdf:RDF xmlns:rdf="\(XMPProperties.rdf)"><rdf:Description rdf:about=""\(declarations)>\(elements)\
      </rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>
      """.utf8)
  }

  private static func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: isSpecial) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\r": result += "&#13;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isSpecial(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\r"): true
    default: false
    }
  }

  /// As the value of an attribute between double quotes.
  private static func quoted(_ text: String) -> String {
    let escaped = escaped(text)
    return escaped.utf8.contains(UInt8(ascii: "\"")) ? escaped.replacing("\"", with: "&quot;") : escaped
  }

  private static func isName(_ name: String) -> Bool {
    !name.lowercased().hasPrefix("xml") && !name.utf8.contains(0) && xmlValidateNCName(name, 0) == 0
  }

  private static func isCharacter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x9, 0xA, 0xD, 0x20...0xFFFD, 0x10000...: true
    default: false
    }
  }
}
