public import MediaCore

/// Files of one format that are measured together.
public struct BenchSet: Sendable {
  /// What the files hold.
  public let kind: MediaKind
  /// Their container.
  public let format: FormatID
  /// The files.
  public internal(set) var files: [FilePath] = []
  /// Bytes of all.
  public internal(set) var bytes = 0
  /// Pixels of all pictures; of video those of one frame.
  public internal(set) var pixels = 0
  /// Seconds of all sound and video.
  public internal(set) var seconds = 0.0

  /// Millions of pixels or seconds: what speeds are told in beside files.
  var amount: Double { kind == .image ? Double(pixels) / 1e6 : seconds }

  /// `1 file`, `4 files`.
  var count: String { files.count == 1 ? "1 file" : "\(files.count) files" }

  mutating func add(_ path: FilePath, bytes: Int, _ info: MediaInfo) {
    files.append(path)
    self.bytes += bytes
    pixels += info.size.pixelCount
    seconds += info.duration ?? 0
  }
}

/// The sets of a benchmark, and what could not be measured.
struct BenchMaterial {
  /// By kind and format, in the order of the table of formats.
  var sets: [BenchSet] = []
  /// Files left out, and why.
  var omitted: [(path: FilePath, reason: String)] = []

  /// Everything that `inputs` lead to and the formats can label. Throws as `Discovery` does.
  init(_ inputs: InputList, _ configuration: BenchConfiguration) throws(MediaError) {
    var discovery = try Discovery(inputs, plan: .none, formats: configuration.formats)
    let scratch = Scratch()
    while let next = discovery.next() {
      switch next {
      case .job(let job): take(job.input, configuration, scratch)
      case .failure(let path, _, let error): omitted.append((path, error.message))
      case .skipped(let path, let reason): omitted.append((path, reason))
      }
    }
    let order = configuration.formats.formats.map(\.descriptor.id)
    sets.sort { order.firstIndex(of: $0.format) ?? 0 < order.firstIndex(of: $1.format) ?? 0 }
  }

  private mutating func take(_ path: FilePath, _ configuration: BenchConfiguration, _ scratch: Scratch) {
    do throws(MediaError) {
      let input = try InputFile(path)
      let format = try Labeller.probe(input, configuration.formats)
      guard format.descriptor.capabilities.contains(.encode) else {
        throw MediaError(.unsupported, .probe, "\(format.descriptor.id) is not labelled")
      }
      let info = try format.open(input, limits: configuration.limits, scratch: scratch).info
      if let index = sets.firstIndex(where: { $0.format == info.format && $0.kind == info.kind }) {
        sets[index].add(path, bytes: input.size, info)
      } else {
        var set = BenchSet(kind: info.kind, format: info.format)
        set.add(path, bytes: input.size, info)
        sets.append(set)
      }
    } catch { omitted.append((path, error.message)) }
  }
}
