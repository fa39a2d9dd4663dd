public import MediaCore

/// One of several parts of a run's inputs, for as many machines. To which part a file belongs is decided by the path of its
/// output below the output folder alone (where nothing is written: by the path below the folder it was found in, or as the
/// manifest has it), so that files added or removed move no other, machines may have mounted the inputs in different
/// places, and two inputs that claim one output meet in one part, where the second is refused.
public struct Shard: Sendable, Hashable, CustomStringConvertible {
  /// Which part, from 1.
  public let index: Int
  /// How many parts there are.
  public let count: Int

  /// Everything.
  public static let whole = Shard(unchecked: 1, 1)

  private init(unchecked index: Int, _ count: Int) {
    self.index = index
    self.count = count
  }

  /// Part `index` of `count`; nil unless 1 ≤ `index` ≤ `count` ≤ 1,000,000.
  public init?(index: Int, count: Int) {
    guard (1...1_000_000).contains(count), (1...count).contains(index) else { return nil }
    self.init(unchecked: index, count)
  }

  /// `2/5`.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]) else { return nil }
    self.init(index: index, count: count)
  }

  /// `2/5`.
  public var description: String { "\(index)/\(count)" }

  /// Whether the file at `path` belongs to this part.
  public func owns(_ path: FilePath) -> Bool { owns(PathDigest(path)) }

  /// Whether a line of a manifest that names no file belongs to this part.
  func owns(line: Int) -> Bool { owns(PathDigest(text: String(line))) }

  private func owns(_ digest: PathDigest) -> Bool {
    count == 1 || Int(Self.mixed(digest.a) % UInt64(count)) == index - 1
  }

  /// The finisher of MurmurHash3: every bit of FNV-1a comes to bear on the remainder.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var value = value
    value = (value ^ (value >> 33)) &* 0xff51_afd7_ed55_8ccd
    value = (value ^ (value >> 33)) &* 0xc4ce_b9fe_1a85_ec53
    return value ^ (value >> 33)
  }
}
