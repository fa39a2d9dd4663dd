import Glibc
import MediaCore

@testable import MediaFormats

/// One parser of ours, by the name in FUZZ_TARGET, on bytes from libFuzzer.
private let target = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
private let limits = {
  var limits = Limits(
    pixels: 1 << 20, decodedBytes: 16 << 20, fileBytes: 8 << 20, metadataValueBytes: 1 << 18)
  // Listens by times before anything is counted.
  limits.countedSeconds = 0
  return limits
}()
private let name = "fuzz-\(getpid())"
private let source = "/dev/shm/\(name)-in"
private let descriptor = open(source, O_RDWR | O_CREAT | O_TRUNC, 0o600)

/// libFuzzer's entry: always 0; a finding is a trap or a report of AddressSanitizer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let label = MetadataProperty(
    namespace: "http://www.tc260.org.cn/ns/AIGC/1.0/", prefix: "TC260", name: "AIGC", value: "{}")
  switch target {
  case "json": _ = try? JSONValue(parsing: bytes)
  case "xmp":
    let items = (try? XMPPacket.items(in: bytes, offset: 0, path: "", limits: limits)) ?? []
    let changes = MetadataChanges(set: [label], remove: Array(items.prefix(3)))
    _ = try? XMPPacket.applying(changes, to: bytes, limits: limits)
  case "exif":
    let items = ExifBlock.items(in: bytes, offset: 0, path: "", limits: limits)
    _ = ExifBlock.orientation(in: bytes)
    precondition(ExifBlock.blanking(items, in: bytes).count == bytes.count)
  default: rewrite(bytes, label)
  }
  return 0
}

/// Listens to the start and the end, and changes some samples.
private func edit(_ file: any AudioMediaFile, _ changes: MetadataChanges) {
  let count = min(file.audio?.count ?? 0, 1 << 30)
  let ranges = [0..<min(count, 4000), max(0, count - 4000)..<count].filter { !$0.isEmpty }
  for range in ranges { try? file.visitAudio(in: [range]) { (_) throws(MediaError) in } }
  guard let range = ranges.first, file.objection(toEditing: .sound) == nil,
    let output = try? OutputFile(path: "/dev/shm/\(name)-sound")
  else { return }
  let edit = AudioEdit(ranges: [range]) { (block) throws(MediaError) in
    for channel in block.channels.indices {
      block.channels[channel] = block.channels[channel].map { $0 * 0.5 }
    }
  }
  _ = try? file.rewrite(to: output, changes: changes, edit: MediaEdit(sound: edit))
}

/// Opens the bytes as a file of the format, edits the picture's middle and writes everything anew.
private func rewrite(_ bytes: [UInt8], _ label: MetadataProperty) {
  ftruncate(descriptor, 0)
  pwrite(descriptor, bytes, bytes.count, 0)
  guard let format = BuiltinFormats.table.format(FormatID(rawValue: target)),
    let input = try? InputFile(path: source),
    let file = try? format.open(input, limits: limits, scratch: Scratch()),
    let output = try? OutputFile(path: "/dev/shm/\(name)")
  else { return }
  let changes = MetadataChanges(set: [label], remove: Array(file.metadata.prefix(2)))
  guard file.info.kind == .image else {
    if let file = file as? any RemuxableFile {
      _ = try? file.remux(beside: FilePath("/dev/shm/\(name)-remux"))
    }
    if let timed = file as? any FrameMediaFile {
      for span in [-Double.infinity..<0.5, 0.5..<1] {
        try? timed.visitFrames(
          FrameSampling(FrameSpans([span]), every: 0.5, keyFramesOnly: span.lowerBound > 0)
        ) {
          (_) throws(MediaError) in
        }
      }
      let edit = FrameEdit(spans: FrameSpans([-Double.infinity..<2]), quality: 40) {
        (frame) throws(MediaError) in
        try frame.writeRegion(try frame.readRegion(PixelRect(x: 0, y: 0, width: 4, height: 4)))
      }
      if let other = try? OutputFile(path: "/dev/shm/\(name)-video") {
        _ = try? timed.rewrite(to: other, changes: changes, edit: MediaEdit(frames: edit))
      }
    }
    if let sound = file as? any AudioMediaFile { edit(sound, changes) }
    guard (try? file.rewrite(to: output, changes: changes)) != nil else { return }
    // What we have written we must be able to read, with the label in it.
    guard (try? output.flush()) != nil, let result = try? InputFile(path: output.temporaryPath) else {
      return
    }
    let again = try? format.open(result, limits: limits, scratch: Scratch())
    precondition(again?.metadata.contains { $0.name == label.name && $0.value == label.value } == true)
    return
  }
  let edit = FrameEdit { (frame) throws(MediaError) in
    let rect = PixelRect(
      x: frame.size.width / 3, y: frame.size.height / 3, width: max(1, frame.size.width / 4),
      height: max(1, frame.size.height / 4))
    var region = try frame.readRegion(rect)
    for plane in region.planes.indices {
      for index in region.planes[plane].samples.indices {
        let sample = region.planes[plane].samples[index]
        region.planes[plane].samples[index] = region.planes[plane].maxValue - sample
      }
    }
    try frame.writeRegion(region)
  }
  _ = try? file.rewrite(to: output, changes: changes, edit: MediaEdit(frames: edit))
}
