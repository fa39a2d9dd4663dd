/// A worker's pool of large buffers. A fresh mapping costs about 0.55 ms a megabyte in page faults, a decode's
/// worth at 4K, so buffers go back to the pool when released. Not Sendable: one worker owns it.
public final class Scratch {
  private var free: [UnsafeMutableRawBufferPointer] = []
  private let keptBytes: Int

  /// A pool that keeps at most `keptBytes` of released buffers.
  public init(keptBytes: Int = 256 << 20) { self.keptBytes = keptBytes }

  deinit { for buffer in free { buffer.deallocate() } }

  /// A buffer of at least `count` bytes, contents undefined, 64-byte aligned; it returns to the pool when the
  /// last reference goes.
  public func borrow(_ count: Int) -> ScratchBuffer {
    // Smallest that fits, but not one so large that a thumbnail would pin a poster's buffer.
    var best: Int?
    for index in free.indices where free[index].count >= count && free[index].count <= 4 * count + 65_536 {
      if best.map({ free[index].count < free[$0].count }) ?? true { best = index }
    }
    let storage =
      if let best { free.remove(at: best) } else {
        UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 64), alignment: 64)
      }
    return ScratchBuffer(storage, count: count, pool: self)
  }

  fileprivate func giveBack(_ storage: UnsafeMutableRawBufferPointer) {
    free.append(storage)
    while free.reduce(0, { $0 + $1.count }) > keptBytes { free.removeFirst().deallocate() }
  }
}

/// Bytes borrowed from a `Scratch`.
public final class ScratchBuffer {
  private let storage: UnsafeMutableRawBufferPointer
  private let pool: Scratch
  /// The bytes asked for; valid while this object lives.
  public let bytes: UnsafeMutableRawBufferPointer

  fileprivate init(_ storage: UnsafeMutableRawBufferPointer, count: Int, pool: Scratch) {
    self.storage = storage
    self.pool = pool
    bytes = UnsafeMutableRawBufferPointer(rebasing: storage[..<count])
  }

  deinit { pool.giveBack(storage) }
}
