/// An element ID as stored, length marker included (RFC 8794, 5); the names are those of RFC 9559.
struct EBMLID: RawRepresentable, Hashable, Sendable {
  let rawValue: UInt32

  init(rawValue: UInt32) { self.rawValue = rawValue }
  init(_ rawValue: UInt32) { self.rawValue = rawValue }

  static let header = EBMLID(0x1A45_DFA3)
  static let docType = EBMLID(0x4282)
  static let void = EBMLID(0xEC)
  static let crc32 = EBMLID(0xBF)

  static let segment = EBMLID(0x1853_8067)
  static let seekHead = EBMLID(0x114D_9B74)
  static let seek = EBMLID(0x4DBB)
  static let seekID = EBMLID(0x53AB)
  static let seekPosition = EBMLID(0x53AC)

  static let info = EBMLID(0x1549_A966)
  static let timestampScale = EBMLID(0x2AD7B1)
  static let duration = EBMLID(0x4489)
  static let title = EBMLID(0x7BA9)
  static let muxingApp = EBMLID(0x4D80)
  static let writingApp = EBMLID(0x5741)

  static let tracks = EBMLID(0x1654_AE6B)
  static let trackEntry = EBMLID(0xAE)
  static let trackNumber = EBMLID(0xD7)
  static let codecPrivate = EBMLID(0x63A2)
  static let contentEncodings = EBMLID(0x6D80)
  static let trackType = EBMLID(0x83)
  static let flagDefault = EBMLID(0x88)
  static let trackName = EBMLID(0x536E)
  static let codecID = EBMLID(0x86)
  static let video = EBMLID(0xE0)
  static let pixelWidth = EBMLID(0xB0)
  static let pixelHeight = EBMLID(0xBA)
  static let displayWidth = EBMLID(0x54B0)
  static let displayHeight = EBMLID(0x54BA)
  static let displayUnit = EBMLID(0x54B2)
  static let audio = EBMLID(0xE1)
  static let samplingFrequency = EBMLID(0xB5)
  static let channels = EBMLID(0x9F)

  static let attachments = EBMLID(0x1941_A469)
  static let attachedFile = EBMLID(0x61A7)
  static let fileName = EBMLID(0x466E)
  static let chapters = EBMLID(0x1043_A770)

  static let cluster = EBMLID(0x1F43_B675)
  static let clusterTimestamp = EBMLID(0xE7)
  static let previousSize = EBMLID(0xAB)
  static let block = EBMLID(0xA1)
  static let blockDuration = EBMLID(0x9B)
  static let blockAdditions = EBMLID(0x75A1)
  static let blockMore = EBMLID(0xA6)
  static let blockAddID = EBMLID(0xEE)
  static let blockAdditional = EBMLID(0xA5)
  static let referenceBlock = EBMLID(0xFB)
  static let clusterPosition = EBMLID(0xA7)
  static let simpleBlock = EBMLID(0xA3)
  static let blockGroup = EBMLID(0xA0)

  static let cues = EBMLID(0x1C53_BB6B)
  static let cuePoint = EBMLID(0xBB)
  static let cueTrackPositions = EBMLID(0xB7)
  static let cueClusterPosition = EBMLID(0xF1)
  static let cueRelativePosition = EBMLID(0xF0)
  static let cueCodecState = EBMLID(0xEA)
  static let cueReference = EBMLID(0xDB)
  static let cueRefCluster = EBMLID(0x97)
  static let cueRefCodecState = EBMLID(0xEB)

  static let tags = EBMLID(0x1254_C367)
  static let tag = EBMLID(0x7373)
  static let targets = EBMLID(0x63C0)
  static let targetTypeValue = EBMLID(0x68CA)
  static let targetType = EBMLID(0x63CA)
  static let simpleTag = EBMLID(0x67C8)
  static let tagName = EBMLID(0x45A3)
  static let tagString = EBMLID(0x4487)
  static let tagBinary = EBMLID(0x4485)

  /// Whether it is a child of the segment: what ends a cluster of unknown size.
  var isTopLevel: Bool {
    switch self {
    case .seekHead, .info, .tracks, .attachments, .chapters, .cluster, .cues, .tags, .segment, .header: true
    default: false
    }
  }

  /// The bytes as stored.
  var bytes: [UInt8] { Array(rawValue.bigEndianBytes.drop { $0 == 0 }) }
}
