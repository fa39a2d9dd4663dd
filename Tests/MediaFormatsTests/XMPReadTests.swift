import Foundation
import MediaCore
import Testing

@testable import MediaFormats

@Suite struct XMPReadTests {
  /// A way the label is written in the wild: the text, and the namespace, prefix and form it must read as.
  struct Variant: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    var namespace = XMPSamples.namespace
    var prefix = "TC260"
    var form = MetadataItem.Form.element
    var value = XMPSamples.json
  }

  static let variants: [Variant] = {
    let json = XMPSamples.json
    let quoted = XMPSamples.quoted
    let declared = XMPSamples.declared
    let element = "<TC260:AIGC>\(json)</TC260:AIGC>"
    func about(_ rest: String) -> String { "<rdf:Description rdf:about=\"\" \(rest)</rdf:Description>" }
    let plain = XMPSamples.rdf(about("\(declared)>\(element)"))
    let wrong = "http://ns.adobe.com/xap/1.0/tc/"
    return [
      Variant(testDescription: "raw quotes", text: XMPSamples.packet(about("\(declared)>\(element)"))),
      Variant(
        testDescription: "escaped quotes",
        text: XMPSamples.packet(about("\(declared)><TC260:AIGC>\(quoted)</TC260:AIGC>"))),
      Variant(
        testDescription: "attribute",
        text: XMPSamples.packet("<rdf:Description rdf:about=\"\" \(declared) TC260:AIGC=\"\(quoted)\"/>"),
        form: .attribute),
      Variant(
        testDescription: "wrong namespace",
        text: XMPSamples.packet(about("xmlns:TC260=\"\(wrong)\"><TC260:AIGC>\(json)</TC260:AIGC>")),
        namespace: wrong),
      Variant(
        testDescription: "wrong namespace in an attribute",
        text: XMPSamples.packet(
          "<rdf:Description rdf:about=\"\" xmlns:TC260=\"\(wrong)\" TC260:AIGC=\"\(quoted)\"/>"),
        namespace: wrong, form: .attribute),
      Variant(
        testDescription: "lower-case prefix",
        text: XMPSamples.packet(
          about("xmlns:tc260=\"\(XMPSamples.namespace)\"><tc260:AIGC>\(json)</tc260:AIGC>")),
        prefix: "tc260"),
      Variant(
        testDescription: "undeclared prefix", text: XMPSamples.packet(about(">\(element)")), namespace: ""),
      Variant(
        testDescription: "undeclared prefix in an attribute",
        text: XMPSamples.packet("<rdf:Description rdf:about=\"\" TC260:AIGC=\"\(quoted)\"/>"), namespace: "",
        form: .attribute),
      Variant(testDescription: "no wrapper", text: plain),
      Variant(
        testDescription: "no rdf:about",
        text: XMPSamples.rdf("<rdf:Description \(declared)>\(element)</rdf:Description>")),
      Variant(
        testDescription: "another rdf:about",
        text: XMPSamples.rdf("<rdf:Description rdf:about=\"uuid:1\" \(declared)>\(element)</rdf:Description>")
      ),
      Variant(
        testDescription: "second description",
        text: XMPSamples.packet(about("xmlns:a=\"urn:a\" a:b=\"c\">") + about("\(declared)>\(element)"))),
      Variant(
        testDescription: "bare description",
        text: about("xmlns:rdf=\"\(XMPSamples.rdf)\" \(declared)>\(element)")),
      Variant(
        testDescription: "undeclared rdf", text: "<rdf:RDF>" + about("\(declared)>\(element)") + "</rdf:RDF>"),
      Variant(
        testDescription: "CDATA",
        text: XMPSamples.rdf(about("\(declared)><TC260:AIGC><![CDATA[\(json)]]></TC260:AIGC>"))),
      Variant(
        testDescription: "wrapped JSON",
        text: XMPSamples.rdf(about("\(declared)><TC260:AIGC>{\"AIGC\":\(json)}</TC260:AIGC>")),
        value: "{\"AIGC\":\(json)}"),
      Variant(
        testDescription: "encoded twice",
        text: XMPSamples.rdf(about("\(declared)><TC260:AIGC>\"{\\\"Label\\\":1}\"</TC260:AIGC>")),
        value: "\"{\\\"Label\\\":1}\""),
      Variant(
        testDescription: "rdf:value",
        text: XMPSamples.rdf(
          about(
            "\(declared)><TC260:AIGC rdf:parseType=\"Resource\"><rdf:value>\(json)</rdf:value></TC260:AIGC>"))
      ),
      Variant(
        testDescription: "array",
        text: XMPSamples.rdf(
          about("\(declared)><TC260:AIGC><rdf:Bag><rdf:li>\(json)</rdf:li></rdf:Bag></TC260:AIGC>"))),
      Variant(
        testDescription: "XML declaration", text: "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + plain),
      Variant(testDescription: "zeros behind", text: plain + String(repeating: "\0", count: 900)),
      Variant(testDescription: "text behind", text: plain + "\n garbage that is & no XML"),
      Variant(testDescription: "white space and mark before", text: "\u{FEFF}\r\n  " + plain),
      Variant(
        testDescription: "tags behind the trailer",
        text: XMPSamples.packet(about("\(declared)>\(element)")) + "<junk></other>"),
      Variant(
        testDescription: "lost end tag", text: plain.replacingOccurrences(of: "</TC260:AIGC>", with: "")),
    ]
  }()

  static let encodings: [(String.Encoding, mark: [UInt8])] = [
    (.utf8, []), (.utf8, [0xEF, 0xBB, 0xBF]), (.utf16LittleEndian, []), (.utf16LittleEndian, [0xFF, 0xFE]),
    (.utf16BigEndian, []), (.utf16BigEndian, [0xFE, 0xFF]), (.utf32LittleEndian, []),
    (.utf32LittleEndian, [0xFF, 0xFE, 0, 0]), (.utf32BigEndian, []), (.utf32BigEndian, [0, 0, 0xFE, 0xFF]),
  ]

  @Test(arguments: variants) func everyVariantReadsAsOneItem(_ variant: Variant) throws {
    let labels = try XMPSamples.items(variant.text).filter { $0.name == "AIGC" }
    #expect(labels.count == 1)
    let item = try #require(labels.first)
    #expect(item.value == variant.value)
    #expect(item.namespace == variant.namespace)
    #expect(item.prefix == variant.prefix)
    #expect(item.form == variant.form)
    #expect(item.offset == 7)
    #expect(item.path.hasPrefix("APP1 XMP rdf:Description/\(variant.prefix):AIGC"))
  }

  @Test(arguments: variants) func encodingsReadAlike(_ variant: Variant) throws {
    let text = variant.text.drop { $0 == "\u{FEFF}" || $0.isWhitespace }
    let expected = try XMPSamples.items(variant.text)
    for (encoding, mark) in Self.encodings {
      let bytes = mark + Array(try #require(String(text).data(using: encoding)))
      let items = try XMPPacket.items(in: bytes, offset: 7, path: "APP1 XMP", limits: Limits())
      #expect(items == expected, "\(encoding) \(mark)")
    }
  }

  @Test func onlyDamageIsReported() throws {
    for variant in Self.variants {
      let raw = try XMPSamples.items(variant.text).filter { $0.form == .raw }
      #expect(raw.count == (variant.testDescription == "lost end tag" ? 1 : 0), "\(variant.testDescription)")
      #expect(raw.allSatisfy { $0.name.isEmpty && $0.value.contains("line") })
    }
  }

  @Test func textThatIsNoXMPIsReported() throws {
    for text in ["", "\0\0", "{\"Label\":\"1\"}", "<svg/>", "<?xpacket begin=\"\"?>"] {
      let items = try XMPSamples.items(text)
      #expect(items.count == 1 && items[0].form == .raw && items[0].name.isEmpty, "\(text)")
    }
  }

  @Test func invalidBytesAreReplacedAndReported() throws {
    var bytes = Array(XMPSamples.adobe.utf8)
    let place = try #require(bytes.firstRange(of: Array("Macintosh".utf8)))
    bytes[place.lowerBound] = 0xE9
    let items = try XMPPacket.items(in: bytes, offset: 0, path: "XMP", limits: Limits())
    #expect(items.contains { $0.name == "CreatorTool" && $0.value.contains("\u{FFFD}acintosh") })
    #expect(items.filter { $0.form == .raw }.count == 1)
  }

  @Test func structuresAndArraysAreFlattened() throws {
    let items = try XMPSamples.items(XMPSamples.adobe)
    let found = Dictionary(uniqueKeysWithValues: items.map { ($0.path, $0) })
    let expected: [(String, String, String, MetadataItem.Form)] = [
      ("xmp:CreatorTool", "CreatorTool", "Adobe Photoshop 25.0 (Macintosh)", .attribute),
      ("odd:flag", "flag", "a < b & \"c\"", .attribute),
      ("dc:title[2]", "title", "标题", .element),
      ("dc:subject[1]", "subject", "one", .element),
      ("xmpMM:History[1]/stEvt:action", "action", "created", .attribute),
      ("xmpMM:History[2]/stEvt:changed", "changed", "/", .element),
      ("xmpMM:DerivedFrom/stRef:documentID", "documentID", "xmp.did:2", .attribute),
      ("odd:thing", "thing", "<raw> & \"data\"", .element),
    ]
    for (path, name, value, form) in expected {
      let item = try #require(found["APP1 XMP rdf:Description/" + path], "\(path)")
      #expect(item.name == name && item.value == value && item.form == form, "\(path)")
    }
    #expect(items.count == 16)
  }

  @Test func resourceValuesAndNestedDescriptionsAreRead() throws {
    let items = try XMPSamples.items(
      XMPSamples.rdf(
        """
        <rdf:Description xmlns:a="urn:a"><a:link rdf:resource="http://example.org/"/>\
        <a:both><rdf:Description a:x="1"><rdf:value>v</rdf:value><a:y>2</a:y></rdf:Description></a:both>\
        <a:markup rdf:parseType="Literal">so <b>it</b> is</a:markup></rdf:Description>
        """))
    #expect(items.map(\.name) == ["link", "x", "both", "y", "markup"])
    #expect(items.map(\.value) == ["http://example.org/", "1", "v", "2", "so it is"])
  }
}
