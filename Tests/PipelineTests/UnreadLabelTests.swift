import Foundation
import Labels
import MediaCore
import Synchronization
import Testing

@testable import TouchmarkPipeline

/// Labels that `--check full` does not read back from what was written.
@Suite struct UnreadLabelTests {
  private static let clips = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Fixtures/clips").standardizedFileURL.path

  private func record() -> LabelRecord {
    var record = Workshop.record()
    record.watermarkKey = WatermarkKey(bytes: Array(1...32))
    record.payload = 0x0123_4567_89AB_CDEF
    return record
  }

  /// The mark there is read in many frames together, not in any alone.
  @Test func theCheckSearchesAsVerifyDoes() throws {
    let shop = try Workshop()
    let configuration = LabelConfiguration(record: record(), check: .full)
    let result = try Labeller(configuration).label(
      Job(input: FilePath("\(Self.clips)/mpeg4.avi"), output: shop.filePath("out/mpeg4.avi")))
    #expect(result.drawn.contains { $0.label == WatermarkLabel.id && $0.part == .frames }, "\(result.notes)")
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let faded: [MediaPart]
    /// Whether the layers are named.
    let isNamed: Bool
    /// The parts that are labelled in the end; nil where the file fails.
    let labelled: [MediaPart]?
    var testDescription: String { "\(faded) \(isNamed)" }
  }

  static let cases = [
    Case(faded: [], isNamed: false, labelled: [.frames, .sound]),
    Case(faded: [.frames], isNamed: false, labelled: [.sound]),
    Case(faded: [.sound], isNamed: false, labelled: [.frames]),
    Case(faded: [.frames, .sound], isNamed: false, labelled: []),
    Case(faded: [.frames], isNamed: true, labelled: [.sound]),
    Case(faded: [.sound], isNamed: true, labelled: [.frames]),
    Case(faded: [.frames, .sound], isNamed: true, labelled: nil),
  ]

  @Test(arguments: cases) func aFilmGoesWithoutAMarkThatIsNotRead(_ one: Case) throws {
    let shop = try Workshop()
    let path = try shop.write("a.mp4", [])
    try Tool.run(
      "ffmpeg",
      [
        "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=2:duration=3", "-f", "lavfi",
        "-i",
      ]
        + ["sine=duration=3", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", path])
    let labels = LabelTable([AIGCMetadataLabel(), FadingMark(faded: Set(one.faded))])
    let configuration = LabelConfiguration(
      record: record(), layers: one.isNamed ? [AIGCMetadataLabel.id, FadingMark.id] : nil, check: .full,
      labels: labels)
    let job = Job(input: FilePath(path), output: shop.filePath("out/a.mp4"))
    guard let labelled = one.labelled else {
      let error = #expect(throws: MediaError.self) { try Labeller(configuration).label(job) }
      #expect(error?.code == .insufficientCapacity, "\(String(describing: error))")
      #expect(error?.message.contains("--layers metadata leaves it out") == true)
      #expect(shop.tree("out").isEmpty)
      return
    }
    let result = try Labeller(configuration).label(job)
    #expect(result.status == .labelled)
    #expect(result.drawn.map(\.part) == labelled)
    let notes = result.notes.filter { $0.contains("could not be read back") }
    #expect(notes.count == one.faded.count, "\(result.notes)")
    #expect(result.written.first?.properties.isEmpty == false)
    #expect(shop.tree("out") == ["a.mp4"])
  }

  /// Pictures take far longer than sound, so that a film whose sound turns out to have no room must not pay for both twice.
  @Test(arguments: ["mp4", "mkv", "avi", "flv"]) func framesAreCodedOnceWhereTheSoundHasNoRoom(_ name: String)
    throws
  {
    let shop = try Workshop()
    let path = try shop.write("a.\(name)", [])
    let codec = name == "avi" ? ["-c:v", "mpeg4", "-c:a", "mp3"] : ["-c:v", "libx264", "-c:a", "aac"]
    try Tool.run(
      "ffmpeg",
      [
        "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=2:duration=3", "-f", "lavfi",
        "-i",
      ]
        + ["sine=r=44100:duration=3", "-pix_fmt", "yuv420p"] + codec + [path])
    var counts: Set<Int> = []
    for isReadable in [true, false] {
      let mark = FadingMark(faded: [], leavesRoom: isReadable)
      for layers in [nil, [AIGCMetadataLabel.id, FadingMark.id]] {
        mark.frames.withLock { $0 = 0 }
        let configuration = LabelConfiguration(
          record: record(), layers: layers, check: .metadata,
          labels: LabelTable([AIGCMetadataLabel(), mark]))
        let output = shop.filePath("\(isReadable)\(layers == nil).\(name)")
        let result = try Labeller(configuration).label(Job(input: FilePath(path), output: output))
        #expect(result.drawn.map(\.part) == (isReadable ? [.frames, .sound] : [.frames]), "\(result.notes)")
        #expect(result.notes.contains { $0.contains("could not be read back") } == !isReadable)
        counts.insert(mark.frames.withLock { $0 })
      }
    }
    #expect(counts.count == 1 && !counts.contains(0), "\(counts)")
  }

  /// Sources of FFmpeg, all but the last two with tiles that hold little but what leaks from tones and clicks.
  static let tones = [
    "sine=f=1000:r=44100:d=4", "aevalsrc=0.5:s=44100:d=4",
    "aevalsrc=0.3*(sin(697*2*PI*t)+sin(1209*2*PI*t))*lt(mod(t\\,0.4)\\,0.2):s=16000:d=4",
    "aevalsrc=0.9*lt(mod(t\\,0.5)\\,0.00005):s=44100:d=4",
    "aevalsrc=0.5*sin(800*2*PI*t)*lt(mod(t\\,0.3)\\,0.15):s=44100:d=4",
    "aevalsrc=0.4*gt(sin(440*2*PI*t)\\,0):s=44100:d=4", "anoisesrc=r=44100:a=0.1:seed=3:d=4",
  ]

  @Test(arguments: tones) func whatIsSaidOfSoundIsReadFromIt(_ source: String) throws {
    let shop = try Workshop()
    let path = try shop.write("a.wav", [])
    try Tool.run("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", source, path])
    for layers in [nil, [AIGCMetadataLabel.id, WatermarkLabel.id]] {
      let configuration = LabelConfiguration(record: record(), layers: layers, check: .metadata)
      let output = shop.filePath(layers == nil ? "usual.wav" : "named.wav")
      let result: LabelResult
      do throws(MediaError) {
        result = try Labeller(configuration).label(Job(input: FilePath(path), output: output))
      } catch {
        #expect(error.code == .insufficientCapacity && layers != nil, "\(error)")
        continue
      }
      let isClaimed = result.drawn.contains { $0.label == WatermarkLabel.id }
      #expect(isClaimed || result.notes.contains { $0.hasPrefix("no watermark") }, "\(result.notes)")
      var reading = VerifyConfiguration()
      reading.keys = [try #require(record().watermarkKey)]
      let found = try Verifier(reading).evidence(in: output)[WatermarkLabel.id]
      #expect(found.isEmpty == !isClaimed, "\(found)")
    }
  }

  /// A text that is coded too coarsely is no fault of ours, and the message says what to do.
  @Test func aTextThatIsNotReadFailsTheFileWithARemedy() throws {
    let shop = try Workshop()
    let path = try shop.write("a.mp4", [])
    try Tool.run(
      "ffmpeg",
      ["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=160x96:rate=2:duration=3", "-c:v", "libx264"]
        + ["-pix_fmt", "yuv420p", path])
    var record = record()
    record.quality = 51
    let labels = LabelTable([FadingText()])
    let configuration = LabelConfiguration(record: record, check: .full, labels: labels)
    let error = #expect(throws: MediaError.self) {
      try Labeller(configuration).label(Job(input: FilePath(path), output: shop.filePath("out/a.mp4")))
    }
    #expect(error?.code == .insufficientCapacity, "\(String(describing: error))")
    #expect(error?.message.contains("--quality") == true, "\(String(describing: error))")
  }
}

/// A mark that changes nothing and is read everywhere but in the parts where it has faded.
private struct FadingMark: FrameLabel, AudioLabel {
  static let id = LabelID(rawValue: "fading")
  let faded: Set<MediaPart>
  /// Whether it can be read from sound that it was put into.
  var leavesRoom = true
  /// Frames that it was put into.
  let frames = Count()

  var descriptor: LabelDescriptor {
    LabelDescriptor(id: Self.id, kinds: [.video, .audio], isDefault: true, needsKey: true, summary: "")
  }

  func reach(inVideo record: LabelRecord) -> SoundReach { .whole }
  func reach(inVideo query: LabelQuery) -> SoundReach { .whole }

  func makeEmbedder(
    _ record: LabelRecord, for info: MediaInfo, typesetter: any Typesetter
  ) throws(MediaError) -> any FrameEmbedder { Scribe(frames: frames) }

  func makeDetector(
    for info: MediaInfo, query: LabelQuery, typesetter: any Typesetter
  ) throws(MediaError) -> any FrameDetector { Scribe(isBlind: faded.contains(.frames)) }

  func makeAudioEmbedder(_ record: LabelRecord, for info: AudioInfo) throws(MediaError) -> any AudioEmbedder {
    Scribe(leavesRoom: leavesRoom)
  }

  func makeAudioDetector(for info: AudioInfo, query: LabelQuery) throws(MediaError) -> any AudioDetector {
    Scribe(isBlind: faded.contains(.sound))
  }
}

/// A text that nobody reads.
private struct FadingText: FrameLabel {
  var descriptor: LabelDescriptor {
    LabelDescriptor(
      id: LabelID(rawValue: "text"), kinds: [.video], isDefault: true, isDue: [.video], summary: "")
  }

  func makeEmbedder(
    _ record: LabelRecord, for info: MediaInfo, typesetter: any Typesetter
  ) throws(MediaError) -> any FrameEmbedder { Scribe(text: record.text) }

  func makeDetector(
    for info: MediaInfo, query: LabelQuery, typesetter: any Typesetter
  ) throws(MediaError) -> any FrameDetector { Scribe(isBlind: true) }
}

private final class Count: Sendable {
  private let value = Mutex(0)
  func withLock<Result>(_ body: (inout sending Int) -> sending Result) -> Result { value.withLock(body) }
}

private final class Scribe: FrameEmbedder, FrameDetector, AudioEmbedder, AudioDetector {
  let isBlind: Bool
  let text: String
  let leavesRoom: Bool
  let frames: Count

  init(isBlind: Bool = false, text: String = "", leavesRoom: Bool = true, frames: Count = Count()) {
    self.isBlind = isBlind
    self.text = text
    self.leavesRoom = leavesRoom
    self.frames = frames
  }

  var fields: [Detection.Field] { [.init("payload", "7")] }
  var surroundings: [Range<Int>] { [] }
  var ranges: [Range<Int>] { [] }

  func embed(in frame: any Frame) throws(MediaError) -> Embedding {
    var embedding = Embedding(box: PixelRect(x: 0, y: 0, width: 8, height: 8), textHeight: 8, text: text)
    embedding.fields = fields
    frames.withLock { $0 += 1 }
    return embedding
  }

  func isReadable() -> Bool { leavesRoom }
  func listen(to block: AudioBlock) throws(MediaError) {}
  func settle() throws(MediaError) -> [Range<Int>] { [100..<200] }
  func embed(in block: inout AudioBlock) throws(MediaError) {}
  func observe(_ frame: any Frame) throws(MediaError) {}
  func observe(_ block: AudioBlock) throws(MediaError) {}

  func finish() throws(MediaError) -> [Detection] {
    isBlind ? [] : [Detection(label: FadingMark.id, confidence: 1, fields: fields, evidence: "")]
  }
}
