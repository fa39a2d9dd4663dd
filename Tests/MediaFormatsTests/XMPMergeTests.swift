import Foundation
import MediaCore
import Testing

@testable import MediaFormats

@Suite struct XMPMergeTests {
  static let iptc = MetadataProperty(
    namespace: "http://iptc.org/std/Iptc4xmpExt/2008-02-29/", prefix: "Iptc4xmpExt",
    name: "DigitalSourceType",
    value: "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia")
  static let properties = [XMPSamples.label, iptc]
  static let texts = XMPReadTests.variants.filter { $0.testDescription != "lost end tag" && $0.prefix != "" }

  private func labels(_ text: String) throws -> [MetadataItem] {
    try XMPSamples.items(text).filter { $0.name == "AIGC" }
  }

  @Test func newPacketIsCanonical() throws {
    let expected =
      "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
      + "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" "
      + "xmlns:TC260=\"http://www.tc260.org.cn/ns/AIGC/1.0/\"><TC260:AIGC>\(XMPSamples.json)</TC260:AIGC>"
      + "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>"
    #expect(try XMPSamples.apply(to: nil) == expected)
    #expect(try XMPSamples.apply(to: "\0\0 \n") == expected)
  }

  @Test func specialCharactersSurvive() throws {
    for value in ["a & b < c > d \"e\" 'f' ]]>", "两\n行\t\r字 𠀀", " lead and trail "] {
      let property = MetadataProperty(namespace: "urn:x", prefix: "p", name: "v", value: value)
      for start in [nil, XMPSamples.adobe] {
        let items = try XMPSamples.items(try XMPSamples.apply([property], to: start))
        #expect(items.filter { $0.namespace == "urn:x" }.map(\.value) == [value])
      }
    }
  }

  @Test(arguments: texts) func oneSiteIsLeftAndTwiceIsOnce(_ variant: XMPReadTests.Variant) throws {
    let fresh = MetadataProperty(
      namespace: XMPSamples.namespace, prefix: "TC260", name: "AIGC", value: "{\"Label\":\"2\"}")
    let once = try XMPSamples.apply([fresh, Self.iptc], remove: labels(variant.text), to: variant.text)
    let items = try labels(once)
    #expect(items.count == 1)
    #expect(items.first?.value == fresh.value && items.first?.namespace == fresh.namespace)
    #expect(items.first?.form == .element)
    #expect(try XMPSamples.items(once).allSatisfy { $0.form != .raw })
    #expect(try XMPSamples.apply([fresh, Self.iptc], remove: labels(variant.text), to: once) == once)
    #expect(try XMPSamples.apply([fresh, Self.iptc], remove: labels(once), to: once) == once)
  }

  @Test func prefixIsFreedByRemovalAndNumberedWhenTaken() throws {
    let wrong = try #require(
      XMPReadTests.variants.first { $0.testDescription == "wrong namespace in an attribute" })
    let freed = try XMPSamples.apply(remove: labels(wrong.text), to: wrong.text)
    #expect(try labels(freed).map(\.prefix) == ["TC260"])
    #expect(!freed.contains(wrong.namespace))
    let numbered = try XMPSamples.apply(to: wrong.text)
    #expect(try labels(numbered).map(\.prefix) == ["TC260", "TC2601"])
    #expect(numbered.contains(wrong.namespace))
    #expect(try XMPSamples.apply(to: numbered) == numbered)
  }

  @Test func prefixesOfANewPacketDoNotClash() throws {
    let properties = ["urn:a", "urn:b", "urn:a"].enumerated().map {
      MetadataProperty(namespace: $0.element, prefix: "rdf", name: "n\($0.offset)", value: "v\($0.offset)")
    }
    let items = try XMPSamples.items(XMPSamples.apply(properties, to: nil))
    #expect(items.map(\.namespace) == ["urn:a", "urn:b", "urn:a"])
    #expect(items.map(\.prefix) == ["rdf1", "rdf2", "rdf1"])
  }

  @Test func everythingElseSurvives() throws {
    let before = try XMPSamples.items(XMPSamples.adobe)
    let merged = try XMPSamples.apply(Self.properties, to: XMPSamples.adobe)
    let after = try XMPSamples.items(merged)
    #expect(after.filter { !["AIGC", "DigitalSourceType"].contains($0.name) } == before)
    #expect(after.map(\.name).suffix(2) == ["AIGC", "DigitalSourceType"])
    for kept in [
      "<!-- a comment to keep -->", "<![CDATA[<raw> & \"data\"]]>", "x:xmptk=\"Adobe XMP Core 9.1\"",
    ] {
      #expect(merged.contains(kept))
    }
    let back = try XMPSamples.apply([], remove: after.filter { !before.contains($0) }, to: merged)
    #expect(try XMPSamples.items(back) == before)
  }

  @Test func wrapperIsKept() throws {
    let readOnly = XMPSamples.adobe.replacingOccurrences(of: "end=\"w\"", with: "end=\"r\"")
    let merged = try XMPSamples.apply(to: readOnly)
    #expect(merged.hasPrefix("<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta"))
    #expect(merged.hasSuffix("</x:xmpmeta>\n<?xpacket end=\"r\"?>"))
    let bare = XMPSamples.rdf("<rdf:Description rdf:about=\"\"/>")
    #expect(try XMPSamples.apply(to: bare).hasPrefix("<rdf:RDF"))
    #expect(try XMPSamples.apply(to: bare).hasSuffix("</rdf:RDF>"))
  }

  @Test func everyEncodingBecomesUTF8() throws {
    let expected = try XMPSamples.apply(to: XMPSamples.adobe)
    for (encoding, mark) in XMPReadTests.encodings {
      let bytes = mark + Array(try #require(XMPSamples.adobe.data(using: encoding)))
      let merged = try XMPPacket.applying(
        MetadataChanges(set: [XMPSamples.label]), to: bytes, limits: Limits())
      #expect(String(decoding: merged, as: UTF8.self) == expected, "\(encoding)")
    }
  }

  @Test func allOccurrencesBecomeOneInTheFilesOwnDescription() throws {
    let text = XMPSamples.packet(
      """
      <rdf:Description rdf:about="uuid:9" \(XMPSamples.declared) TC260:AIGC="a"/>\
      <rdf:Description rdf:about="" \(XMPSamples.declared)><TC260:AIGC>b</TC260:AIGC><TC260:Z>z</TC260:Z>\
      <TC260:AIGC xml:lang="zh">c</TC260:AIGC></rdf:Description>\
      <rdf:Description rdf:about="" xmlns:q="\(XMPSamples.namespace)" q:AIGC="d"/>
      """)
    let merged = try XMPSamples.apply(to: text)
    #expect(try XMPSamples.items(merged).map(\.name) == ["AIGC", "Z"])
    #expect(try labels(merged).first?.value == XMPSamples.json)
    let none = try XMPSamples.apply(
      [MetadataProperty(namespace: XMPSamples.namespace, prefix: "TC260", name: "AIGC", value: "")], to: text)
    #expect(try XMPSamples.items(none).map(\.name) == ["Z"])
  }

  @Test func aSharedAboutIsKept() throws {
    let text = XMPSamples.rdf("<rdf:Description rdf:about=\"uuid:9\" xmlns:a=\"urn:a\" a:b=\"c\"/>")
    let merged = try XMPSamples.apply(to: text)
    #expect(merged.components(separatedBy: "<rdf:Description").count == 2)
    #expect(merged.contains("rdf:about=\"uuid:9\""))
  }

  @Test func nestedSitesAreRemovedWithWhatTheyLeaveEmpty() throws {
    let text = XMPSamples.rdf(
      """
      <rdf:Description xmlns:a="urn:a" \(XMPSamples.declared)>\
      <a:list><rdf:Bag><rdf:li><TC260:AIGC>1</TC260:AIGC></rdf:li></rdf:Bag></a:list>\
      <a:mixed rdf:resource="r" TC260:AIGC="1"><rdf:value>r</rdf:value><TC260:AIGC>1</TC260:AIGC></a:mixed>\
      <a:rest>kept</a:rest></rdf:Description>
      """)
    let items = try XMPSamples.items(text)
    let merged = try XMPSamples.apply([], remove: items.filter { $0.name != "rest" }, to: text)
    #expect(try XMPSamples.items(merged).map(\.value) == ["kept"])
    let some = try XMPSamples.apply([], remove: items.filter { $0.name == "AIGC" }, to: text)
    #expect(try XMPSamples.items(some).map(\.name) == ["mixed", "mixed", "rest"])
    #expect(!some.contains("a:list"))
  }

  @Test func anEmptyWrapperIsFilled() throws {
    for text in ["<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>", XMPSamples.rdf(""), XMPSamples.packet("")] {
      let merged = try XMPSamples.apply(to: text)
      #expect(try XMPSamples.items(merged).map(\.value) == [XMPSamples.json], "\(text)")
      #expect(try XMPSamples.apply(to: merged) == merged)
    }
  }

  @Test func whatCannotBeMergedIsRefused() throws {
    let good = XMPSamples.adobe
    let broken = [
      String(good.prefix(good.count / 2)), "<svg/>", "{}",
      good.replacingOccurrences(of: "&amp;", with: "&nbsp;"),
      "<?xpacket begin=\"\"?><?xpacket end=\"w\"?>",
    ]
    for text in broken {
      #expect(throws: MediaError.self, "\(text.prefix(40))") { try XMPSamples.apply(to: text) }
    }
    for (name, value) in [
      ("a b", "v"), ("", "v"), ("a", "\u{1}"), ("a", "x\0y"), ("a:b", "v"), ("a", "\u{FFFE}"),
    ] {
      let property = MetadataProperty(namespace: "urn:x", prefix: "p", name: name, value: value)
      #expect(throws: MediaError.self) { try XMPSamples.apply([property], to: nil) }
      #expect(throws: MediaError.self) { try XMPSamples.apply([property], to: good) }
    }
  }

  // MARK: exiftool as the judge

  private func differ(_ text: String) throws {
    let before = try ExifTool.values(of: text)
    let after = try ExifTool.values(of: XMPSamples.apply(Self.properties, to: text))
    let ours = ["XMP-TC260:Aigc", "XMP-TC260:AIGC", "XMP-iptcExt:DigitalSourceType"]
    #expect(before.filter { !ours.contains($0.key) } == after.filter { !ours.contains($0.key) })
    #expect(before.count >= 5)
    #expect(after[ours[2]] != nil && after[ours[2]] != before[ours[2]])
    let label = try #require(ours.prefix(2).compactMap { after[$0] }.first)
    #expect(try JSONDecoder().decode(String.self, from: Data(label.utf8)) == XMPSamples.json)
  }

  @Test func exiftoolSeesOnlyOursChange() throws { try differ(XMPSamples.adobe) }

  @Test func packetsOfExiftoolMerge() throws {
    let folder = NSTemporaryDirectory() + "touchmark-formats-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let arguments = [
      "-XMP-dc:Title-zh=标题", "-XMP-dc:Title=Title & more", "-XMP-dc:Subject=a", "-XMP-dc:Subject=b",
      "-XMP-dc:Creator=me", "-XMP-xmpMM:History={action=saved,when=2026:01:01 00:00:00,softwareAgent=x}",
      "-XMP-xmpMM:DerivedFrom={documentID=1,instanceID=2}", "-XMP-photoshop:Instructions=<none> \"at\" all",
      "-XMP-iptcExt:LocationCreated={City=上海,CountryName=中国}", "-XMP-exif:GPSLatitude=31.2",
      "-XMP-iptcExt:DigitalSourceType=http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
    ]
    for style in ["", "Shorthand,OneDesc,NoPadding", "NoIndent,NoNewline"] {
      let path = folder + "/\(style.count).xmp"
      let options = style.isEmpty ? [] : ["-api", "Compact=" + style]
      _ = try ExifTool.run(options + arguments + [path])
      try differ(String(contentsOfFile: path, encoding: .utf8))
    }
  }
}
