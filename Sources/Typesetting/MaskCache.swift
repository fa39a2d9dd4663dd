internal import MediaCore

/// The latest masks, bounded in number and bytes; the one unused longest goes first.
struct MaskCache {
  struct Key: Hashable {
    let text: String
    let inkHeight: Int
  }

  private static let mostMasks = 256
  private static let mostBytes = 32 << 20
  private var entries: [Key: (mask: TextMask, lastUse: Int)] = [:]
  private var clock = 0
  private var bytes = 0

  subscript(key: Key) -> TextMask? {
    mutating get {
      clock += 1
      entries[key]?.lastUse = clock
      return entries[key]?.mask
    }
    set {
      if let old = entries.removeValue(forKey: key) { bytes -= old.mask.coverage.count }
      guard let newValue, newValue.coverage.count <= Self.mostBytes else { return }
      clock += 1
      entries[key] = (newValue, clock)
      bytes += newValue.coverage.count
      while entries.count > Self.mostMasks || bytes > Self.mostBytes { evict() }
    }
  }

  private mutating func evict() {
    guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })?.key,
      let entry = entries.removeValue(forKey: oldest)
    else { return }
    bytes -= entry.mask.coverage.count
  }
}
