import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// MP4, MOV and M4A files of every arrangement, made by ffmpeg once for all tests.
enum ISOWorkshop {
  static let json = #"{"Label":"1","ContentProducer":"001191110000MA0000000H10001","ProduceID":"1"}"#
  static let property = MetadataProperty(
    namespace: "http://www.tc260.org.cn/ns/AIGC/1.0/", prefix: "TC260", name: "AIGC", value: json)

  static let fixtures = ["faststart.mp4", "fragmented.mp4", "quicktime.mov", "speech.m4a"]
  static let made = [
    "bare.mp4", "cover.mp4", "chapters.mp4", "timecode.mov", "tracks.mp4", "last.mp4", "index.mp4",
    "segments.mp4",
    "base.mp4", "edits.mp4", "large.mp4", "free.mp4", "turned.mp4", "phone.mov",
  ]
  /// All files by name; the script has failed when one is missing.
  static let all = fixtures + made

  /// The folder with all files; empty when ffmpeg failed, so that each test says so.
  static let folder: String = {
    let path = NSTemporaryDirectory() + "touchmark-iso-\(ProcessInfo.processInfo.processIdentifier)"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: ISOWorkshop.folder) }
    let clips = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Fixtures/clips").standardizedFileURL.path
    do { _ = try run("bash", ["-c", script, "bash", path, clips]) } catch { return "\(error)" }
    return path
  }()

  static func path(_ name: String) -> String { "\(folder)/\(name)" }
  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  private static let script = #"""
    set -e
    cp "$2"/{faststart.mp4,fragmented.mp4,quicktime.mov,speech.m4a} "$1"
    cd "$1"
    ff() { ffmpeg -v error -y "$@"; }
    f=faststart.mp4
    ff -f lavfi -i color=red:s=64x64 -frames:v 1 cover.png
    ff -i $f -i cover.png -map 0 -map 1 -c copy -disposition:v:1 attached_pic -metadata title="Test card" \
      -metadata comment="none" -movflags +faststart cover.mp4
    ff -i $f -map 0 -map_metadata -1 -c copy -fflags +bitexact -movflags +faststart bare.mp4
    printf ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=3000\ntitle=Two\n' > chapters.txt
    ff -i $f -i chapters.txt -map 0 -map_metadata 1 -c copy -movflags +faststart chapters.mp4
    ff -i quicktime.mov -c copy -timecode 01:00:00:00 -movflags +faststart timecode.mov
    printf '1\n00:00:00,500 --> 00:00:01,500\nAI\n' > text.srt
    ff -i $f -i text.srt -map 0 -map 0:a -map 1 -c copy -c:s mov_text -movflags +faststart tracks.mp4
    ff -i $f -c copy -metadata title="Test card" last.mp4
    ff -i $f -c copy -movflags +frag_keyframe+empty_moov+default_base_moof+dash+global_sidx index.mp4
    ff -i $f -c copy -movflags +frag_keyframe+empty_moov+default_base_moof+dash segments.mp4
    ff -i $f -c copy -movflags +frag_keyframe base.mp4
    ff -ss 0.3 -i $f -c copy -movflags +faststart edits.mp4
    ff -display_rotation 90 -i $f -c copy -movflags +faststart turned.mp4 2>/dev/null ||
      ff -i $f -c copy -metadata:s:v rotate=90 -movflags +faststart turned.mp4
    python3 - <<'END'
    import struct
    def box(kind, data): return struct.pack('>I', len(data) + 8) + kind + data
    def boxes(data):
        at, out = 0, []
        while at + 8 <= len(data):
            size, kind = struct.unpack('>I4s', data[at:at + 8])
            out.append((kind, data[at:at + size]))
            at += size
        return out
    # ffmpeg leaves room in front of mdat for a size of 64 bits.
    data = open('faststart.mp4', 'rb').read()
    at = data.index(b'\0\0\0\x08free')
    size, kind = struct.unpack('>I4s', data[at + 8:at + 16])
    assert kind == b'mdat'
    open('large.mp4', 'wb').write(data[:at] + struct.pack('>I4sQ', 1, b'mdat', size + 8) + data[at + 16:])
    # Free boxes everywhere a movie box has room.
    data = open('last.mp4', 'rb').read()
    out = b''
    for kind, whole in boxes(data):
        if kind == b'moov':
            inner = b''.join(b + box(b'free', bytes(5)) for _, b in boxes(whole[8:]))
            whole = box(b'moov', inner)
        out += whole
    open('free.mp4', 'wb').write(out + box(b'free', bytes(100)))
    # What a telephone writes: keys of its own in a QuickTime list, the tracks with lists too.
    out = b''
    for kind, whole in boxes(open('quicktime.mov', 'rb').read()):
        if kind == b'moov':
            hdlr = box(b'hdlr', bytes(8) + b'mdta' + bytes(13))
            keys = box(b'keys', struct.pack('>II', 0, 2) + box(b'mdta', b'com.apple.quicktime.make') + box(b'mdta', b'com.apple.quicktime.software'))
            item = lambda n, v: box(struct.pack('>I', n), box(b'data', struct.pack('>II', 1, 0) + v))
            meta = box(b'meta', hdlr + keys + box(b'ilst', item(1, b'Maker') + item(2, b'17.0')))
            whole = box(b'moov', whole[8:] + meta)
        out += whole
    open('phone.mov', 'wb').write(out)
    END
    """#

  /// The lines of `run`.
  static func lines(_ tool: String, _ arguments: [String]) throws -> [String] {
    try run(tool, arguments).split(separator: "\n").map(String.init)
  }

  /// Standard output of a program; throws with its errors when it fails.
  static func run(_ tool: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [tool] + arguments
    let (out, errors) = (
      Pipe(), FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    )
    _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
    defer { try? FileManager.default.removeItem(at: errors) }
    process.standardOutput = out
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = out.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = try String(contentsOf: errors, encoding: .utf8)
    guard process.terminationStatus == 0 else { throw PNGWorkshop.ToolFailure(message: "\(tool): \(text)") }
    return String(decoding: data, as: UTF8.self)
  }
}

/// Files of one test in a folder of its own, removed when the value goes.
final class ISOBench {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "touchmark-iso-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ bytes: [UInt8], _ name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  static func open(_ path: String, limits: Limits = Limits()) throws -> any MediaFile {
    let input = try InputFile(path: path)
    guard let format = BuiltinFormats.table.probe(try input.read(4096)) else {
      throw MediaError(.unsupported, .probe, "no format of ours")
    }
    return try format.open(input, limits: limits, scratch: Scratch())
  }

  /// Rewrites `source` and opens the result.
  @discardableResult func rewrite(
    _ source: String, _ changes: MetadataChanges, to name: String, limits: Limits = Limits()
  ) throws -> any MediaFile {
    let output = try OutputFile(path: file(name))
    _ = try Self.open(source, limits: limits).rewrite(to: output, changes: changes)
    try output.commit(.rename)
    return try Self.open(file(name), limits: limits)
  }
}

extension MediaFile {
  /// The items that are label fields.
  var labels: [MetadataItem] { metadata.filter { $0.name.lowercased() == "aigc" } }
}
