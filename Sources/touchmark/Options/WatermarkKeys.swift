internal import Labels
internal import MediaCore
internal import TouchmarkPipeline

/// Which watermark keys a command works with.
enum WatermarkKeys {
  /// The key in `path`, or the user's own, which is made and announced where there is none yet.
  static func forLabelling(_ path: String?) throws -> WatermarkKey? {
    if let path { return try KeyFile.read(FilePath(argument: path)) }
    guard let own = KeyFile.standardPath else { return nil }
    if KeyFile.exists(own) { return try KeyFile.read(own) }
    let key = try KeyFile.create(own)
    Terminal.complain(
      "touchmark: made the watermark key \(key.id) in \(own); marks are found with it alone, so keep a copy")
    return key
  }

  /// The keys in `paths`, or the user's own where there is one.
  static func forVerifying(_ paths: [String]) throws -> [WatermarkKey] {
    if paths.isEmpty, let own = KeyFile.standardPath, KeyFile.exists(own) { return [try KeyFile.read(own)] }
    return try paths.map { try KeyFile.read(FilePath(argument: $0)) }
  }
}
