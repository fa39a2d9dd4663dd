internal import MediaCore

/// The frame header (T.81 B.2.2).
struct JPEGHeader {
  /// A component's sampling factors.
  struct Component {
    let id: UInt8
    let horizontal: Int
    let vertical: Int
  }

  let marker: JPEGMarker
  let size: PixelSize
  let precision: Int
  let components: [Component]

  init(_ segment: JPEGSegment, _ payload: [UInt8]) throws(MediaError) {
    marker = segment.marker
    guard payload.count >= 6, payload.count >= 6 + 3 * Int(payload[5]) else {
      throw .jpeg(
        "\(segment.marker) at offset \(segment.offset) holds \(payload.count) bytes, too few (T.81 B.2.2)")
    }
    precision = Int(payload[0])
    size = PixelSize(
      width: Int(payload[3]) << 8 | Int(payload[4]), height: Int(payload[1]) << 8 | Int(payload[2]))
    components = (0..<Int(payload[5])).map { index in
      let start = 6 + 3 * index
      return Component(
        id: payload[start], horizontal: Int(payload[start + 1] >> 4), vertical: Int(payload[start + 1] & 15))
    }
    guard size.width > 0, size.height > 0 else {
      throw .jpeg("the frame is \(size) pixels; a height that follows in DNL is not read (T.81 B.2.5)")
    }
    guard !components.isEmpty,
      components.allSatisfy({ (1...4).contains($0.horizontal) && (1...4).contains($0.vertical) })
    else { throw .jpeg("sampling factors outside 1 … 4 (T.81 B.2.2)") }
  }

  var isProgressive: Bool { [0xC2, 0xC6, 0xCA, 0xCE].contains(marker.rawValue) }
  var isArithmetic: Bool { marker.rawValue >= 0xC9 }
  private var isDecodable: Bool { [0xC0, 0xC1, 0xC2, 0xC9, 0xCA].contains(marker.rawValue) }

  var largestHorizontal: Int { components.map(\.horizontal).max() ?? 1 }
  var largestVertical: Int { components.map(\.vertical).max() ?? 1 }

  /// Bytes of all coefficients, padding to whole MCUs included.
  var coefficientBytes: Int {
    let columns = (size.width + 8 * largestHorizontal - 1) / (8 * largestHorizontal)
    let rows = (size.height + 8 * largestVertical - 1) / (8 * largestVertical)
    return components.reduce(0) { $0 + columns * $1.horizontal * rows * $1.vertical * 128 }
  }

  /// Throws `unsupported` and `limitExceeded` before anything is decoded.
  func requireDecodable(within limits: Limits) throws(MediaError) {
    guard isDecodable else {
      throw MediaError(
        .unsupported, .decode,
        "\(marker) is a lossless or hierarchical process (T.81 table B.1); convert it to a baseline JPEG")
    }
    guard precision == 8 else {
      throw MediaError(.unsupported, .decode, "\(precision) bits a sample; 8 are decoded")
    }
    guard size.pixelCount <= limits.pixels else {
      throw MediaError(
        .limitExceeded, .decode, "\(size) are more than the \(limits.pixels) pixels allowed; raise --memory")
    }
    guard coefficientBytes <= limits.decodedBytes else {
      throw MediaError(
        .limitExceeded, .decode,
        "coefficients of \(coefficientBytes) bytes exceed the \(limits.decodedBytes) allowed; raise --memory")
    }
  }

  /// `progressive YCbCr 4:2:0`, `baseline greyscale`.
  func coding(_ color: JPEGColor?) -> String {
    let process = isProgressive ? "progressive" : marker.rawValue == 0xC0 ? "baseline" : "sequential"
    let coder = isArithmetic ? "arithmetic " : ""
    let name = color?.name ?? "\(components.count) components"
    let sampling = components.count == 1 ? "" : " " + samplingName
    return "\(process) \(coder)\(name)\(sampling)"
  }

  private static let samplingNames = [
    "1x1": "4:4:4", "2x1": "4:2:2", "2x2": "4:2:0", "4x1": "4:1:1", "1x2": "4:4:0", "4x2": "4:1:0",
  ]

  private var samplingName: String {
    let factors = components.map { "\($0.horizontal)x\($0.vertical)" }
    let isUsual = components.count == 3 && factors[1] == "1x1" && factors[2] == "1x1"
    if isUsual, let name = Self.samplingNames[factors[0]] { return name }
    return Set(factors).count == 1 ? "4:4:4" : factors.joined(separator: ",")
  }
}
