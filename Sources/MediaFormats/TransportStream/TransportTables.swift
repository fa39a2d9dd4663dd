internal import MediaCore

/// The tables of a transport stream: which programmes and streams there are, and what they are called.
struct TransportTables {
  /// The elementary streams by their packet identifiers, in the order of the tables.
  private(set) var streams: [(pid: Int, type: Int)] = []
  private(set) var items: [MetadataItem] = []
  private var programmes: Set<Int> = []
  private var sections: [Int: (bytes: [UInt8], offset: Int)] = [:]
  private var seen: Set<[UInt8]> = []
  private let limits: Limits

  private static let longestSection = 4096
  private static let servicePID = 0x11

  init(limits: Limits) { self.limits = limits }

  /// Takes the payload of a packet that stands at `offset` of the file.
  mutating func read(_ packet: TransportPacket, of bytes: [UInt8], offset: Int) throws(MediaError) {
    guard packet.pid == 0 || packet.pid == Self.servicePID || programmes.contains(packet.pid) else { return }
    var payload = bytes[packet.payload]
    if packet.isStart {
      // The first byte tells how much of the payload still belongs to the section before.
      guard let pointer = payload.first, payload.count > Int(pointer) + 1 else { return }
      sections[packet.pid] = ([], offset)
      payload = payload.dropFirst(Int(pointer) + 1)
    }
    guard var section = sections[packet.pid] else { return }
    section.bytes += payload
    sections[packet.pid] = section
    guard section.bytes.count >= 3 else { return }
    let length = 3 + (Int(section.bytes[1] & 15) << 8 | Int(section.bytes[2]))
    if length > Self.longestSection { sections[packet.pid] = nil }
    guard section.bytes.count >= length else { return }
    sections[packet.pid] = nil
    // Tables are repeated several times a second.
    let whole = Array(section.bytes.prefix(length))
    guard length >= 12, seen.count < limits.metadataItems, seen.insert(whole).inserted else { return }
    try parse(whole, pid: packet.pid, offset: section.offset)
  }

  private mutating func parse(_ section: [UInt8], pid: Int, offset: Int) throws(MediaError) {
    // Eight bytes of head, four of checksum.
    let body = section[8..<section.count - 4]
    switch (section[0], pid) {
    case (0, 0): readProgrammes(body)
    case (2, _) where programmes.contains(pid): try readStreams(body)
    case (0x42, Self.servicePID): try readServices(body.dropFirst(3), offset: offset)
    default: break
    }
  }

  private mutating func readProgrammes(_ body: ArraySlice<UInt8>) {
    var rest = body
    while rest.count >= 4 {
      let number = Self.integer(rest)
      if number != 0 { programmes.insert(Self.integer(rest.dropFirst(2)) & 0x1FFF) }
      rest = rest.dropFirst(4)
    }
  }

  private mutating func readStreams(_ body: ArraySlice<UInt8>) throws(MediaError) {
    guard body.count >= 4 else { return }
    var rest = body.dropFirst(4 + (Self.integer(body.dropFirst(2)) & 0xFFF))
    while rest.count >= 5 {
      let type = Int(rest[rest.startIndex])
      let pid = Self.integer(rest.dropFirst()) & 0x1FFF
      if !streams.contains(where: { $0.pid == pid }) {
        guard streams.count < limits.metadataItems else { throw .tooMany("streams", limits.metadataItems) }
        streams.append((pid, type))
      }
      rest = rest.dropFirst(5 + (Self.integer(rest.dropFirst(3)) & 0xFFF))
    }
  }

  /// The service descriptors (EN 300 468, 6.2.33): who sends it and what it is called.
  private mutating func readServices(_ body: ArraySlice<UInt8>, offset: Int) throws(MediaError) {
    var rest = body
    while rest.count >= 5 {
      let length = Self.integer(rest.dropFirst(3)) & 0xFFF
      var descriptors = rest.dropFirst(5).prefix(length)
      while descriptors.count >= 2 {
        let tag = descriptors[descriptors.startIndex]
        let size = Int(descriptors[descriptors.startIndex + 1])
        var data = descriptors.dropFirst(2).prefix(size)
        if tag == 0x48, data.count >= 3 {
          data = data.dropFirst()
          for name in ["service_provider", "service_name"] {
            let text = data.dropFirst().prefix(Int(data.first ?? 0))
            data = data.dropFirst(1 + text.count)
            try add(name, Self.text(text), offset)
          }
        }
        descriptors = descriptors.dropFirst(2 + size)
      }
      rest = rest.dropFirst(5 + length)
    }
  }

  private mutating func add(_ name: String, _ value: String, _ offset: Int) throws(MediaError) {
    guard !value.isEmpty else { return }
    guard items.count < limits.metadataItems else { throw .tooMany("metadata items", limits.metadataItems) }
    items.append(
      MetadataItem(
        carrier: .service, namespace: "SDT", name: name, value: value, form: .text, offset: UInt64(offset),
        path: "SDT \(name)"))
  }

  private static func integer(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.prefix(2).reduce(0) { $0 << 8 | Int($1) }
  }

  /// Text of EN 300 468 Annex A: UTF-8 where it says so or is, one byte a character otherwise.
  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    let plain = bytes.first.map { $0 < 0x20 } == true ? bytes.dropFirst() : bytes
    return String(validating: plain, as: UTF8.self)
      ?? String(String.UnicodeScalarView(plain.map { Unicode.Scalar($0) }))
  }
}

extension MetadataCarrier {
  /// A service description of a transport stream.
  static let service = MetadataCarrier(rawValue: "service")
}
