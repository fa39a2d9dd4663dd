public import MediaCore

/// What a run is told to work on.
public struct InputList: Sendable {
  /// Files and folders, in the order named.
  public var paths: [FilePath]
  /// A JSON Lines manifest; `-` is standard input.
  public var manifest: FilePath?
  /// The part of all this to work on.
  public var shard: Shard

  /// Files and folders, and a manifest if there is one.
  public init(paths: [FilePath], manifest: FilePath? = nil, shard: Shard = .whole) {
    self.paths = paths
    self.manifest = manifest
    self.shard = shard
  }
}

/// Where labelled files go.
public enum OutputPlan: Sendable, Hashable {
  /// Below this folder, at the input's path relative to the folder it was found in.
  case folder(FilePath)
  /// Over the input.
  case inPlace
  /// Nothing is written.
  case none
}
