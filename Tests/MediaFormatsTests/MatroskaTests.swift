import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Labels in Matroska and WebM, judged by ffmpeg, exiftool, mediainfo and MKVToolNix.
@Suite struct MatroskaTests {
  /// A way to make a file.
  struct Recipe: Sendable, CustomStringConvertible {
    let name: String
    let command: String
    /// Whether seeking by the index is to be compared.
    var isSeekable = true
    var description: String { name }
  }

  static let recipes: [Recipe] = [
    .init(name: "ffmpeg", command: "cp $clips/h264.mkv in"),
    .init(name: "webm", command: "cp $clips/vp9.webm in"),
    .init(
      name: "live", command: "ffmpeg -v error -i $clips/h264.mkv -c copy -live 1 -f matroska in",
      isSeekable: false),
    .init(name: "pipe", command: "ffmpeg -v error -i $clips/h264.mkv -c copy -f matroska - | cat > in"),
    .init(name: "webm pipe", command: "ffmpeg -v error -i $clips/vp9.webm -c copy -f webm - | cat > in"),
    .init(
      name: "cues in front",
      command:
        "ffmpeg -v error -i $clips/h264.mkv -c copy -cues_to_front 1 -cluster_time_limit 90 -f matroska in"),
    .init(
      name: "room for cues",
      command: "ffmpeg -v error -i $clips/h264.mkv -c copy -reserve_index_space 700 -f matroska in"),
    .init(
      name: "many clusters",
      command:
        "ffmpeg -v error -i $clips/h264.mkv -c copy -cluster_size_limit 2000 -cluster_time_limit 40 -f matroska in"
    ),
    .init(
      name: "subtitles and attachments",
      command: """
        printf '1\\n00:00:00,000 --> 00:00:02,000\\nline\\n' > s.srt; head -c 3000 /dev/urandom > font.ttf
        printf ';FFMETADATA1\\n[CHAPTER]\\nTIMEBASE=1/1\\nSTART=0\\nEND=2\\ntitle=one\\n' > c.txt
        ffmpeg -v error -i $clips/h264.mkv -i s.srt -i c.txt -map 0 -map 1 -map_metadata 0 -map_chapters 2 -c copy \
          -attach font.ttf -metadata:s:t mimetype=font/ttf -f matroska in
        """),
    .init(name: "mkvmerge", command: "mkvmerge -q -o in $clips/h264.mkv"),
    .init(name: "mkvmerge without cues", command: "mkvmerge -q --no-cues -o in $clips/h264.mkv"),
    .init(
      name: "mkvmerge with clusters in the SeekHead",
      command: "mkvmerge -q --clusters-in-meta-seek -o in $clips/h264.mkv"),
    .init(name: "mkvmerge webm", command: "mkvmerge -q -w --cluster-length 200ms -o in $clips/vp9.webm"),
    .init(name: "no tags", command: "cp $clips/h264.mkv in; mkvpropedit -q in --tags all:"),
    .init(
      name: "mkvmerge without tags",
      command: "mkvmerge -q --disable-track-statistics-tags -T --no-global-tags -o in $clips/vp9.webm"),
    .init(
      name: "audio", command: "ffmpeg -v error -i $clips/speech.m4a -c copy -f matroska in", isSeekable: false
    ),
    .init(
      name: "no checksums",
      command: "ffmpeg -v error -i $clips/h264.mkv -c copy -write_crc32 0 -f matroska in"),
  ]

  @Test(arguments: recipes) func theLabelIsFoundByAllAndNothingElseChanges(_ recipe: Recipe) throws {
    let shop = try StreamWorkshop()
    try shop.shell(recipe.command)
    try Self.judge(shop, recipe)
  }

  /// Clusters with pictures coded anew, behind tags that had to be put in front of them.
  @Test(arguments: recipes.filter { $0.name != "audio" }) func placesHoldWhereFramesAreEdited(
    _ recipe: Recipe
  )
    throws
  {
    let shop = try StreamWorkshop()
    try shop.shell(recipe.command)
    for length in [0, 3000] {
      let plan = try shop.edit("in", to: "out", seconds: 0.4, label: Self.padded(by: length))
      #expect(plan?.method != .metadata)
      #expect(MatroskaCheck(try shop.bytes("out")).faults == [], "\(recipe) with \(length) more")
    }
  }

  private static func padded(by length: Int) -> MetadataProperty {
    StreamWorkshop.property(StreamWorkshop.json + String(repeating: " ", count: length))
  }

  private static func judge(_ shop: StreamWorkshop, _ recipe: Recipe) throws {
    let before = try shop.open("in")
    #expect(MatroskaCheck(try shop.bytes("in")).faults.isEmpty, "the source of \(recipe)")
    try shop.rewrite("in", to: "out", MetadataChanges(set: [StreamWorkshop.property()]))
    let after = try shop.open("out")
    #expect(after.info == before.info)
    let labels = after.metadata.filter { $0.name == "AIGC" }
    #expect(labels.count == 1)
    #expect(labels.allSatisfy { $0.isRegularPlace && $0.value == StreamWorkshop.json && $0.form == .text })
    #expect(StreamWorkshop.others(after) == StreamWorkshop.others(before))
    let result = try shop.bytes("out")
    for label in labels { #expect(result[Int(label.offset)...].starts(with: [0x67, 0xC8])) }

    #expect(MatroskaCheck(result).faults == [])
    #expect(
      try shop.shell("ffprobe -v error -show_entries format_tags=AIGC -of default=nw=1:nk=1 out")
        == StreamWorkshop.json + "\n")
    #expect(try shop.shell("exiftool -s3 -AIGC out") == StreamWorkshop.json + "\n")
    #expect(try shop.shell("mediainfo out").contains(StreamWorkshop.json))
    let listing = try shop.shell("mkvinfo -v out")
    #expect(listing.contains(StreamWorkshop.json))
    #expect(!listing.lowercased().contains("error"))
    try shop.shell("mkvmerge --identify out")
    #expect(try shop.essence("out") == shop.essence("in"))
    // Equal coded frames decode alike; whole decoding is only a check of how the container hands them out.
    if ["ffmpeg", "webm", "mkvmerge", "cues in front", "both"].contains(recipe.name) {
      #expect(try shop.complaints("out") == shop.complaints("in"))
    }
    if recipe.isSeekable {
      let seek = "ffmpeg -v error -ss 2 -i FILE -frames:v 1 -f framemd5 - | grep -v '^#'"
      #expect(
        try shop.shell(seek.replacing("FILE", with: "out")) == shop.shell(seek.replacing("FILE", with: "in")))
    }

    try shop.rewrite("out", to: "twice", MetadataChanges(set: [StreamWorkshop.property()]))
    #expect(try shop.bytes("twice") == result)
    try shop.rewrite(
      "out", to: "other", MetadataChanges(set: [StreamWorkshop.property("{\"Label\":\"2\"}")], remove: labels)
    )
    let other = try shop.open("other").metadata.filter { $0.name == "AIGC" }
    #expect(other.map(\.value) == ["{\"Label\":\"2\"}"])
    try shop.rewrite("out", to: "bare", MetadataChanges(remove: labels))
    let bare = try shop.open("bare")
    #expect(!bare.metadata.contains { $0.name == "AIGC" })
    #expect(StreamWorkshop.others(bare) == StreamWorkshop.others(before))
    #expect(MatroskaCheck(try shop.bytes("bare")).faults == [])
  }

  @Test func clustersOfUnknownSizeAndTheirPositionsAreKept() throws {
    let shop = try StreamWorkshop()
    try shop.shell(
      "ffmpeg -v error -i $clips/h264.mkv -c copy -cluster_time_limit 200 -write_crc32 0 -f matroska - | cat > plain"
    )
    let plain = try shop.bytes("plain")
    for (name, isUnknown, hasPosition) in [
      ("unknown", true, false), ("positions", false, true), ("both", true, true),
    ] {
      try shop.write("in", try Self.restyled(plain, isUnknown: isUnknown, hasPosition: hasPosition))
      try Self.judge(shop, Recipe(name: name, command: "", isSeekable: false))
    }
  }

  /// The file with other heads of its clusters.
  private static func restyled(_ bytes: [UInt8], isUnknown: Bool, hasPosition: Bool) throws -> [UInt8] {
    var result: [UInt8] = []
    var origin = 0
    var offset = 0
    while offset < bytes.count {
      let element = try #require(EBMLElement(bytes[offset..<min(bytes.count, offset + 12)], at: offset))
      if element.id == .segment || element.id == .header && element.offset > 0 {
        result += bytes[offset..<element.dataOffset]
        origin = result.count
        offset = element.dataOffset
        continue
      }
      if element.id == .cluster {
        let stamp = try #require(
          EBMLElement(bytes[element.dataOffset..<element.dataOffset + 12], at: element.dataOffset))
        let position = hasPosition ? EBMLWriting.unsigned(.clusterPosition, result.count - origin) : []
        let data = Array(bytes[stamp.range]) + position + bytes[stamp.end..<element.end]
        result += EBMLID.cluster.bytes
        result += isUnknown ? [0x01] + Array(repeating: 0xFF, count: 7) : EBMLWriting.size(data.count)
        result += data
      } else {
        result += bytes[element.range]
      }
      offset = element.end
    }
    return result
  }

  @Test func everyVariantIsReadAndTakenAway() throws {
    let shop = try StreamWorkshop()
    let json = #"{"Label":"1","ContentProducer":"p","ProduceID":"n"}"#
    func simple(_ name: String, _ extra: [UInt8] = [], binary: Bool = false) -> [UInt8] {
      EBMLWriting.element(
        .simpleTag,
        EBMLWriting.element(.tagName, Array(name.utf8)) + extra
          + EBMLWriting.element(binary ? .tagBinary : .tagString, Array(json.utf8)))
    }
    func tag(_ targets: [UInt8], _ simple: [UInt8]) -> [UInt8] {
      EBMLWriting.element(.tag, EBMLWriting.element(.targets, targets) + simple)
    }
    let language: [UInt8] = EBMLWriting.element(EBMLID(0x447A), Array("chi".utf8))
    let nested = EBMLWriting.element(
      .simpleTag, EBMLWriting.element(.tagName, Array("GROUP".utf8)) + simple("AIGC"))
    let track = EBMLWriting.unsigned(EBMLID(0x63C5), 77)
    let variants: [(String, [UInt8], isRegular: Bool)] = [
      ("plain", tag([], simple("AIGC")), true),
      ("case", tag([], simple("Aigc")), false),
      ("language", tag([], simple("AIGC", language)), true),
      ("level 50", tag(EBMLWriting.unsigned(.targetTypeValue, 50), simple("AIGC")), true),
      ("level 30", tag(EBMLWriting.unsigned(.targetTypeValue, 30), simple("AIGC")), false),
      ("track", tag(track, simple("AIGC")), false),
      ("nested", tag([], nested), false),
      ("binary", tag([], simple("AIGC", binary: true)), false),
    ]
    try shop.shell("mkvmerge -q -o in $clips/h264.mkv")
    let source = try shop.bytes("in")
    let segment = try #require(EBMLElement(source[0x28..<0x34], at: 0x28))
    for (name, tag, isRegular) in variants {
      // Behind the clusters, in a Tags element of its own, and once more as the only one before them.
      for isFront in [false, true] {
        let tags = EBMLWriting.element(.tags, tag)
        var bytes = isFront ? Array(source[..<0x34]) : source
        if isFront { bytes += EBMLWriting.void(source.count) + tags + source[0x34...] } else { bytes += tags }
        // Positions would not hold in front, so nothing but the reading is looked at there.
        bytes.replaceSubrange(0x2C..<0x34, with: EBMLWriting.size(bytes.count - segment.dataOffset, width: 8))
        try shop.write("variant", bytes)
        let items = try shop.open("variant").metadata.filter { $0.name.lowercased() == "aigc" }
        #expect(items.count == 1, "\(name)")
        #expect(items.allSatisfy { $0.value == json && $0.isRegularPlace == isRegular }, "\(name)")
        if isFront { continue }
        try shop.rewrite("variant", to: "bare", MetadataChanges(remove: items))
        #expect(!(try shop.open("bare").metadata.contains { $0.name.lowercased() == "aigc" }), "\(name)")
        #expect(try shop.essence("bare") == shop.essence("in"))
        try shop.rewrite(
          "variant", to: "out", MetadataChanges(set: [StreamWorkshop.property()], remove: items))
        let labels = try shop.open("out").metadata.filter { $0.name.lowercased() == "aigc" }
        #expect(labels.map(\.value) == [StreamWorkshop.json], "\(name)")
        #expect(labels.allSatisfy { $0.isRegularPlace }, "\(name)")
        #expect(MatroskaCheck(try shop.bytes("out")).faults == [], "\(name)")
        let others = (StreamWorkshop.others(try shop.open("out")), StreamWorkshop.others(try shop.open("in")))
        // The tag that held the nested label stays.
        #expect(others.0.filter { !$0.contains("GROUP") }.sorted() == others.1.sorted(), "\(name)")
      }
    }
  }

  @Test func lyingLengthsInTheHeadAreNotBelieved() throws {
    let shop = try StreamWorkshop()
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: StreamWorkshop.clip("h264.mkv"))))
    for field in [[0x42, 0xF2, 0x81] as [UInt8], [0x42, 0xF3, 0x81]] {
      let place = try #require(bytes.prefix(64).firstRange(of: field))
      bytes[place.upperBound] = 0x7F
    }
    try shop.write("in", bytes)
    try shop.rewrite("in", to: "out", MetadataChanges(set: [StreamWorkshop.property()]))
    #expect(try shop.open("out").metadata.contains { $0.name == "AIGC" && $0.isRegularPlace })
  }

  @Test func otherEditorsKeepTheLabel() throws {
    let shop = try StreamWorkshop()
    for source in ["$clips/h264.mkv", "merged"] {
      try shop.shell("mkvmerge -q -o merged $clips/vp9.webm; cp \(source) in")
      try shop.rewrite("in", to: "out", MetadataChanges(set: [StreamWorkshop.property()]))
      try shop.shell("mkvpropedit -q out --edit info --set title=Other --add-attachment $clips/silence.amr")
      let file = try shop.open("out")
      #expect(file.metadata.contains { $0.name == "Title" && $0.value == "Other" })
      #expect(file.metadata.contains { $0.name == "FileName" && $0.value == "silence.amr" })
      #expect(file.metadata.contains { $0.name == "AIGC" && $0.value == StreamWorkshop.json })
      // What the editor moved is labelled anew as well.
      try shop.rewrite("out", to: "again", MetadataChanges(set: [StreamWorkshop.property("{}")]))
      #expect(MatroskaCheck(try shop.bytes("again")).faults == [])
      #expect(try shop.essence("again") == shop.essence("in"))
    }
  }

  @Test func aLabelOfAnyLengthFindsItsPlace() throws {
    let shop = try StreamWorkshop()
    try shop.shell(
      """
      mkvmerge -q -o room $clips/vp9.webm; cp $clips/h264.mkv tight
      mkvmerge -q --disable-track-statistics-tags -T --no-global-tags -o bare $clips/vp9.webm
      ffmpeg -v error -i $clips/h264.mkv -c copy -cues_to_front 1 -cluster_time_limit 90 -f matroska cues
      """)
    for name in ["room", "tight", "bare", "cues"] {
      let source = try shop.open(name)
      // Around the lengths where sizes take another byte, and where a Void is filled to its last bytes.
      let room = name == "bare" ? 4000...4060 : name == "room" ? 330...380 : 100...140
      var moves: Set<Bool> = []
      for length in room {
        let value = "{" + String(repeating: " ", count: length - 2) + "}"
        try shop.rewrite(name, to: "out", MetadataChanges(set: [StreamWorkshop.property(value)]))
        let bytes = try shop.bytes("out")
        #expect(MatroskaCheck(bytes).faults == [], "\(name) with \(length)")
        moves.insert(bytes.count > (try shop.bytes(name)).count)
        let items = try shop.open("out").metadata
        #expect(items.filter { $0.name == "AIGC" }.map(\.value) == [value])
        #expect(items.count == source.metadata.count + 1)
        if length % 8 != 0 { continue }
        // A shorter one in its place lets nothing move back.
        try shop.rewrite("out", to: "less", MetadataChanges(set: [StreamWorkshop.property("{}")]))
        let less = try shop.bytes("less")
        #expect(MatroskaCheck(less).faults == [], "\(name) from \(length)")
        #expect(less.count == bytes.count, "\(name) from \(length)")
      }
      if name != "room" { #expect(moves.contains(true), "\(name)") }
    }
  }

  @Test func titlesAndNamesOfProgramsCanBeTakenAway() throws {
    let shop = try StreamWorkshop()
    try shop.shell("cp $clips/h264.mkv in")
    let items = try shop.open("in").metadata.filter { $0.carrier == .element }
    #expect(Set(items.map(\.name)) == ["Title", "MuxingApp", "WritingApp"])
    try shop.rewrite("in", to: "out", MetadataChanges(set: [StreamWorkshop.property()], remove: items))
    let left = try shop.open("out").metadata.filter { $0.carrier == .element }
    #expect(left.allSatisfy { $0.value.isEmpty && $0.name != "Title" })
    #expect(MatroskaCheck(try shop.bytes("out")).faults == [])
    #expect(try shop.essence("out") == shop.essence("in"))
  }

  @Test func examplesOfOtherWritersAreRead() throws {
    let shop = try StreamWorkshop()
    for command in ["-i $clips/h264.mkv -c copy -f matroska", "-i $clips/vp9.webm -c copy -f webm"] {
      try shop.shell(
        "ffmpeg -v error -y \(command.replacing("-c copy", with: "-c copy -metadata AIGC='\(StreamWorkshop.json)'")) in"
      )
      let labels = try shop.open("in").metadata.filter { $0.name == "AIGC" }
      #expect(labels.map(\.value) == [StreamWorkshop.json])
      #expect(labels.allSatisfy { $0.isRegularPlace })
      try shop.rewrite("in", to: "out", MetadataChanges(set: [StreamWorkshop.property()], remove: labels))
      #expect(try shop.bytes("in") == shop.bytes("out"))
    }
  }

  @Test func onlyHeadsOfALongFileAreRead() throws {
    let shop = try StreamWorkshop()
    let info = EBMLWriting.element(.info, EBMLWriting.element(.muxingApp, Array("x".utf8)))
    let tags = MatroskaTagEdit.tags([StreamWorkshop.property()])
    let cluster = 1 << 30
    var head = EBMLWriting.element(.header, EBMLWriting.element(.docType, Array("matroska".utf8)))
    let origin = head.count + 12
    let end = origin + info.count + 10 * (cluster + 12)
    head += EBMLID.segment.bytes + EBMLWriting.size(end + tags.count - origin, width: 8) + info
    let path = shop.file("in")
    try shop.write("in", head)
    let handle = try #require(FileHandle(forWritingAtPath: path))
    for index in 0..<10 {
      try handle.seek(toOffset: UInt64(origin + info.count + index * (cluster + 12)))
      try handle.write(contentsOf: Data(EBMLID.cluster.bytes + EBMLWriting.size(cluster, width: 8)))
    }
    try handle.seek(toOffset: UInt64(end))
    try handle.write(contentsOf: Data(tags))
    try handle.close()
    let start = ContinuousClock.now
    #expect(try shop.open("in").metadata.contains { $0.name == "AIGC" })
    #expect(ContinuousClock.now - start < .seconds(1))
  }

  @Test func whatCannotBeKeptWholeIsRefused() throws {
    let shop = try StreamWorkshop()
    try shop.shell("cp $clips/h264.mkv whole; head -c 30000 whole > in")
    #expect(try shop.open("in").info.tracks.count == 2)
    do {
      try shop.rewrite("in", to: "out", MetadataChanges(set: [StreamWorkshop.property()]))
      Issue.record("a file that was cut off was rewritten")
    } catch let error as MediaError { #expect(error.code == .malformed) }
    #expect(!FileManager.default.fileExists(atPath: shop.file("out")))
  }

  /// An index that is cut says nothing of what stands in front of it.
  @Test(arguments: [20, 50]) func aFileCutInItsIndexIsRead(_ missing: Int) throws {
    let shop = try StreamWorkshop()
    try shop.shell("head -c -\(missing) $clips/h264.mkv > in")
    let file = try shop.open("in")
    #expect(file.info.tracks.count == 2)
    #expect(file.truncation?.message.contains("the segment at offset 40 goes on to byte 64238") == true)
  }

  @Test func nestsAndSwarmsAreBounded() throws {
    let shop = try StreamWorkshop()
    let head = EBMLWriting.element(.header, EBMLWriting.element(.docType, Array("webm".utf8)))
    func file(_ segment: [UInt8]) -> [UInt8] { head + EBMLWriting.element(.segment, segment) }
    var nest: [UInt8] = []
    for _ in 0..<5000 { nest = EBMLWriting.element(.simpleTag, nest, width: 4) }
    let swarm = [UInt8](repeating: 0, count: 200_000).flatMap { _ in [0xEC as UInt8, 0x80] }
    let tags = [UInt8](repeating: 0, count: 300_000).flatMap { _ in [0x67 as UInt8, 0xC8, 0x80] }
    let cases: [(String, [UInt8], MediaError.Code?)] = [
      ("nest", file(EBMLWriting.element(.tags, EBMLWriting.element(.tag, nest))), .limitExceeded),
      ("voids in front", file(swarm), .limitExceeded),
      (
        "voids among clusters",
        file(
          EBMLID.cluster.bytes + [0x80] + [0xAE, 0x80] + EBMLWriting.void(9) + EBMLID.cluster.bytes + [0x80]
            + swarm), nil
      ),
      ("tags", file(EBMLWriting.element(.tags, EBMLWriting.element(.tag, tags))), .limitExceeded),
      (
        "tiny clusters",
        file([UInt8](repeating: 0, count: 100_000).flatMap { _ in EBMLID.cluster.bytes + [0xFF] }), nil
      ),
      (
        "segments",
        head + [UInt8](repeating: 0, count: 100_000).flatMap { _ in EBMLID.segment.bytes + [0x80] },
        .limitExceeded
      ),
    ]
    for (name, bytes, code) in cases {
      try shop.write("in", bytes)
      let start = ContinuousClock.now
      do {
        _ = try shop.open("in")
        #expect(code == nil, "\(name)")
      } catch let error as MediaError { #expect(error.code == code, "\(name): \(error)") }
      #expect(ContinuousClock.now - start < .seconds(10), "\(name)")
    }
  }

  @Test func injuredFilesGiveAnErrorOrAResult() throws {
    let shop = try StreamWorkshop()
    for command in [
      "cp $clips/h264.mkv in", "cp $clips/vp9.webm in", "mkvmerge -q -o in $clips/vp9.webm",
      "ffmpeg -v error -y -i $clips/h264.mkv -c copy -cues_to_front 1 -f matroska in",
    ] {
      try shop.shell(command)
      try shop.torment("in", flips: 500)
    }
  }
}
