import Foundation
import MediaCore

@testable import MediaFormats

/// Packets as tools write them, around one property of our own.
enum XMPSamples {
  static let namespace = "http://www.tc260.org.cn/ns/AIGC/1.0/"
  static let json =
    #"{"Label":"1","ContentProducer":"001191110000MA0000000H10001","ProduceID":"20261123-000001","#
    + #""ReservedCode1":"","ContentPropagator":"","PropagateID":"","ReservedCode2":""}"#
  static let rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  static let label = MetadataProperty(namespace: namespace, prefix: "TC260", name: "AIGC", value: json)
  static var quoted: String { json.replacingOccurrences(of: "\"", with: "&quot;") }
  static var declared: String { "xmlns:TC260=\"\(namespace)\"" }

  /// `body` inside rdf:RDF, without any wrapper.
  static func rdf(_ body: String) -> String { "<rdf:RDF xmlns:rdf=\"\(rdf)\">\(body)</rdf:RDF>" }

  /// `body` inside a packet with wrapper and padding, as Adobe's toolkit lays it out.
  static func packet(_ body: String, padding: Int = 200) -> String {
    """
    <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>
    <x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 9.1">
     \(rdf(body))
    </x:xmpmeta>
    \(String(repeating: " ", count: padding))
    <?xpacket end="w"?>
    """
  }

  /// A packet with arrays, alternatives, structures in both spellings, history, comments and a namespace that
  /// nobody knows.
  static let adobe = packet(
    """

      <rdf:Description rdf:about=""
        xmlns:xmp="http://ns.adobe.com/xap/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"
        xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
        xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
        xmlns:stRef="http://ns.adobe.com/xap/1.0/sType/ResourceRef#"
        xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
        xmlns:odd="urn:nobody:knows"
       xmp:CreatorTool="Adobe Photoshop 25.0 (Macintosh)"
       xmp:CreateDate="2026-01-02T03:04:05+08:00"
       xmpMM:DocumentID="adobe:docid:photoshop:1234"
       photoshop:ColorMode="3"
       odd:flag='a &lt; b &amp; "c"'>
       <!-- a comment to keep -->
       <dc:title><rdf:Alt><rdf:li xml:lang="x-default">T &amp; U</rdf:li><rdf:li xml:lang="zh">标题</rdf:li></rdf:Alt></dc:title>
       <dc:subject><rdf:Bag><rdf:li>one</rdf:li><rdf:li>two</rdf:li></rdf:Bag></dc:subject>
       <xmpMM:History><rdf:Seq>
        <rdf:li stEvt:action="created" stEvt:softwareAgent="Adobe Photoshop 25.0"/>
        <rdf:li rdf:parseType="Resource"><stEvt:action>saved</stEvt:action><stEvt:changed>/</stEvt:changed></rdf:li>
       </rdf:Seq></xmpMM:History>
       <xmpMM:DerivedFrom stRef:instanceID="xmp.iid:1" stRef:documentID="xmp.did:2"/>
       <odd:thing><![CDATA[<raw> & "data"]]></odd:thing>
      </rdf:Description>
    """)

  static func items(_ text: String, limits: Limits = Limits()) throws -> [MetadataItem] {
    try XMPPacket.items(in: Array(text.utf8), offset: 7, path: "APP1 XMP", limits: limits)
  }

  static func apply(
    _ set: [MetadataProperty] = [label], remove: [MetadataItem] = [], to text: String?
  ) throws -> String {
    let bytes = try XMPPacket.applying(
      MetadataChanges(set: set, remove: remove), to: text.map { Array($0.utf8) }, limits: Limits())
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// exiftool as an independent reader: it opens a packet as a sidecar file.
enum ExifTool {
  /// `arguments` over `bytes` in a file called `name`; its standard output.
  static func run(_ arguments: [String], on bytes: [UInt8], name: String) throws -> Data {
    let folder = NSTemporaryDirectory() + "touchmark-formats-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
    return try run(arguments + [folder + "/" + name])
  }

  static func run(_ arguments: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["exiftool"] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return data
  }

  /// Every XMP value it reads from a packet, as JSON by `Group:Tag`.
  static func values(of packet: String) throws -> [String: String] {
    let json = try run(
      ["-j", "-a", "-G1", "-struct", "-XMP:all"], on: Array(packet.utf8), name: "packet.xmp")
    let list = try JSONSerialization.jsonObject(with: json) as? [[String: Any]]
    return try (list?.first ?? [:]).filter { $0.key != "SourceFile" }.mapValues {
      let bytes = try JSONSerialization.data(
        withJSONObject: $0, options: [.sortedKeys, .fragmentsAllowed, .withoutEscapingSlashes])
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}

/// A generator of reproducible damage.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
