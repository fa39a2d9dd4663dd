import Foundation

/// Checks a Matroska file against RFC 8794 and RFC 9559 with a reader of its own.
struct MatroskaCheck {
  private(set) var faults: [String] = []
  /// IDs of the children of the segment.
  private(set) var children: [UInt32] = []
  private let bytes: [UInt8]
  private static let masters: Set<UInt32> = [
    0x1A45_DFA3, 0x114D_9B74, 0x4DBB, 0x1549_A966, 0x1654_AE6B, 0xAE, 0xE0, 0xE1, 0x1C53_BB6B, 0xBB, 0xB7,
    0xDB,
    0x1254_C367, 0x7373, 0x63C0, 0x67C8, 0x1F43_B675,
  ]

  private struct Element {
    let id: UInt32
    let offset: Int
    let data: Int
    let end: Int
    let isUnknown: Bool
  }

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var offset = 0
    while offset < bytes.count, let element = element(offset, bytes.count) {
      if element.id == 0x1853_8067 { segment(element) } else { descend(element) }
      offset = element.end
    }
    if offset != bytes.count { faults.append("elements end at \(offset) of \(bytes.count)") }
  }

  private mutating func element(_ offset: Int, _ limit: Int) -> Element? {
    func integer(_ start: Int, _ count: Int) -> UInt64 {
      bytes[start..<min(bytes.count, start + count)].reduce(0) { $0 << 8 | UInt64($1) }
    }
    guard bytes[offset] >= 0x10 else {
      faults.append("no element at \(offset)")
      return nil
    }
    let idBytes = bytes[offset].leadingZeroBitCount + 1
    let width = bytes[offset + idBytes].leadingZeroBitCount + 1
    let mask = UInt64(1) << UInt64(7 * width) - 1
    let size = integer(offset + idBytes, width) & mask
    let data = offset + idBytes + width
    let end = size == mask ? limit : data + Int(size)
    if end > limit { faults.append("element at \(offset) ends at \(end), its parent at \(limit)") }
    return Element(
      id: UInt32(integer(offset, idBytes)), offset: offset, data: data, end: min(end, limit),
      isUnknown: size == mask)
  }

  private mutating func kids(_ parent: Element) -> [Element] {
    var result: [Element] = []
    var offset = parent.data
    while offset < parent.end, let child = element(offset, parent.end) {
      result.append(child)
      offset = child.end
    }
    return result
  }

  private func value(_ element: Element) -> Int {
    bytes[element.data..<element.end].reduce(0) { $0 << 8 | Int($1) }
  }

  private mutating func descend(_ parent: Element) {
    let kids = kids(parent)
    for (index, child) in kids.enumerated() where child.id == 0xBF {
      if index != 0 { faults.append("CRC-32 at \(child.offset) is not the first child") }
      var crc: UInt32 = 0xFFFF_FFFF
      for byte in bytes[child.end..<parent.end] {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
      }
      let stored = bytes[child.data..<child.end].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      if stored != ~crc { faults.append("CRC-32 at \(child.offset) is wrong") }
    }
    for child in kids where Self.masters.contains(child.id) { descend(child) }
  }

  private mutating func segment(_ segment: Element) {
    var offset = segment.data
    var all: [Element] = []
    while offset < segment.end, let child = element(offset, segment.end) {
      if child.isUnknown {
        // The end of such a cluster is where the next child of the segment begins.
        var end = child.data
        let top: Set<UInt32> = [0x1F43_B675, 0x1C53_BB6B, 0x1254_C367]
        while end < segment.end, let block = element(end, segment.end), !top.contains(block.id) {
          end = block.end
        }
        all.append(Element(id: child.id, offset: child.offset, data: child.data, end: end, isUnknown: true))
        offset = end
      } else {
        all.append(child)
        offset = child.end
      }
    }
    children = all.map(\.id)
    let places = Dictionary(all.map { ($0.offset - segment.data, $0.id) }) { first, _ in first }
    for child in all {
      if Self.masters.contains(child.id), !child.isUnknown { descend(child) }
      if child.id == 0x114D_9B74 {
        for seek in kids(child) where seek.id == 0x4DBB {
          let fields = kids(seek)
          guard let id = fields.first(where: { $0.id == 0x53AB }),
            let place = fields.first(where: { $0.id == 0x53AC })
          else { continue }
          if places[value(place)] != UInt32(value(id)) {
            faults.append("SeekHead leads to \(value(place)) for \(String(value(id), radix: 16))")
          }
        }
      }
      if child.id == 0x1C53_BB6B {
        for point in kids(child) where point.id == 0xBB {
          for track in kids(point) where track.id == 0xB7 {
            for field in kids(track) where field.id == 0xF1 && places[value(field)] != 0x1F43_B675 {
              faults.append("cue leads to \(value(field)), where no cluster is")
            }
          }
        }
      }
      if child.id == 0x1F43_B675 {
        for field in kids(child).prefix(6)
        where field.id == 0xA7 && value(field) != child.offset - segment.data {
          faults.append("cluster at \(child.offset - segment.data) says that it stands at \(value(field))")
        }
      }
    }
  }
}
