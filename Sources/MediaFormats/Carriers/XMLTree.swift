internal import CXML
internal import MediaCore

/// An XML document parsed by libxml2 under bounds, and its owner. No network, no DTD, no entities: a document
/// type declaration stops the parser before anything in it is read.
final class XMLTree {
  /// The tree; nil when nothing could be recovered.
  let document: UnsafeMutablePointer<xmlDoc>?
  /// Why the document is not well-formed; nil when it is. An undeclared prefix is not a defect.
  let defect: String?

  // Runs once, before any worker parses: libxml2's own lazy set-up is not safe under concurrent first use.
  private static let isLibraryReady: Bool = {
    xmlInitParser()
    return true
  }()

  /// Parses `text` (UTF-8), recovering what it can. Throws `malformed` for a document type declaration and
  /// `limitExceeded` for too many attributes, namespaces or levels.
  init(parsing text: [UInt8], limits: Limits) throws(MediaError) {
    guard Self.isLibraryReady, let context = xmlNewParserCtxt(), let handler = context.pointee.sax else {
      throw MediaError(.internalFault, .metadata, "no memory for an XML parser")
    }
    defer { xmlFreeParserCtxt(context) }
    try XMLBounds.check(text, limits: limits)
    // Called before the parser looks into the declaration, whatever the document's encoding.
    handler.pointee.internalSubset = { parser, _, _, _ in
      xmlStopParser(parser?.assumingMemoryBound(to: xmlParserCtxt.self))
    }
    let options =
      XML_PARSE_RECOVER.rawValue | XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue
      | XML_PARSE_NOWARNING.rawValue | XML_PARSE_IGNORE_ENC.rawValue
    document = text.withUnsafeBytes { raw in
      xmlCtxtReadMemory(
        context, raw.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(clamping: raw.count), nil,
        "UTF-8",
        Int32(options))
    }
    let status = context.pointee.errNo
    defect = context.pointee.wellFormed == 1 && document != nil ? nil : Self.describe(context)
    guard status != Int32(XML_ERR_USER_STOP.rawValue) else {
      throw MediaError(
        .malformed, .metadata,
        "XMP packet declares a document type, which ISO 16684-1 does not use and which is never read")
    }
    if let root { try Self.checkDepth(of: root, limits.nesting) }
  }

  deinit { if let document { xmlFreeDoc(document) } }

  /// The document element.
  var root: XMLNode? { xmlDocGetRootElement(document).map(XMLNode.init) }

  /// The document as UTF-8 without XML declaration; `separator` stands between what is at the top level.
  func serialized(separator: String) throws(MediaError) -> [UInt8] {
    guard let buffer = xmlBufferCreate() else {
      throw MediaError(.internalFault, .metadata, "no memory to write an XML document")
    }
    defer { xmlBufferFree(buffer) }
    let flags = Int(XML_SAVE_NO_DECL.rawValue | XML_SAVE_AS_XML.rawValue)
    var bytes: [UInt8] = []
    var next = document?.pointee.children
    while let node = next {
      xmlBufferEmpty(buffer)
      guard let save = xmlSaveToBuffer(buffer, "UTF-8", Int32(flags)), xmlSaveTree(save, node) >= 0,
        xmlSaveClose(save) >= 0
      else { throw MediaError(.internalFault, .metadata, "libxml2 could not write an XML document") }
      if !bytes.isEmpty { bytes += separator.utf8 }
      bytes += UnsafeBufferPointer(start: xmlBufferContent(buffer), count: Int(xmlBufferLength(buffer)))
      next = node.pointee.next
    }
    return bytes
  }

  private static func describe(_ context: UnsafeMutablePointer<xmlParserCtxt>) -> String {
    let error = context.pointee.lastError
    let words = error.message.map { String(cString: $0) } ?? "no document element"
    let line = words.prefix { !$0.isNewline }.prefix(200)
    return "not well-formed XML, line \(error.line): \(line)"
  }

  private static func checkDepth(of node: XMLNode, _ remaining: Int) throws(MediaError) {
    guard remaining > 0 else {
      throw MediaError(.limitExceeded, .metadata, "XMP packet nests elements deeper than allowed")
    }
    for child in node.children { try checkDepth(of: child, remaining - 1) }
  }
}

/// Bounds checked on the text before libxml2 sees it.
private enum XMLBounds {
  /// Most namespace declarations; packets of real tools hold fewer than 60.
  private static let namespaces = 1024

  /// libxml2 compares every attribute of a tag with all before it, and every prefixed name with all declarations
  /// in scope: a megabyte of either is minutes of work. `<` is never legal inside a tag, so counting `="` since
  /// the last one bounds a tag's attributes from above.
  static func check(_ text: [UInt8], limits: Limits) throws(MediaError) {
    let (attributes, declarations) = text.withUnsafeBufferPointer(count)
    guard attributes <= limits.metadataItems, declarations <= namespaces else {
      throw MediaError(
        .limitExceeded, .metadata, "XMP packet holds more attributes or namespaces than allowed")
    }
  }

  /// Most attributes of one tag, and all namespace declarations.
  private static func count(in text: UnsafeBufferPointer<UInt8>) -> (attributes: Int, declarations: Int) {
    var most = 0
    var attributes = 0
    var declarations = 0
    for index in text.indices {
      switch text[index] {
      case UInt8(ascii: "<"): attributes = 0
      case UInt8(ascii: "="):
        var next = index + 1
        while next < text.count, text[next] <= 0x20 { next += 1 }
        guard next < text.count, text[next] == UInt8(ascii: "\"") || text[next] == UInt8(ascii: "'") else {
          continue
        }
        attributes += 1
        most = max(most, attributes)
      case UInt8(ascii: "x"):
        if text[index...].starts(with: "xmlns".utf8) { declarations += 1 }
      default: break
      }
    }
    return (most, declarations)
  }
}
