internal import Labels
internal import MediaCore

/// Reads a JSON Lines manifest line by line, whatever its length.
struct Manifest: Sendable {
  private let name: String
  private var lines: LineReader
  private var isAtEnd = false

  /// Opens `path`; `-` is standard input. Throws `io`.
  init(_ path: FilePath, cancellation: Cancellation) throws(MediaError) {
    name = path.description
    lines = try LineReader(path, as: "manifest", cancellation: cancellation)
  }

  /// Whether `next` would return at once.
  var isReady: Bool { isAtEnd || lines.isReady }
  /// Whether a cancellation came before the end.
  var isCutShort: Bool { lines.isCutShort }
  /// The number of the line last read, from 1.
  var line: Int { lines.line }
  /// The place of the line last read, for an error's `input`.
  var place: FilePath { FilePath("\(name):\(lines.line)") }

  /// The next entry, or the error of the next line; nil at the end. Blank lines are passed over.
  mutating func next() -> Result<ManifestEntry, MediaError>? {
    while !isAtEnd {
      do throws(MediaError) {
        guard let text = try lines.next() else { return nil }
        if ManifestEntry.isBlank(text) { continue }
        do throws(MediaError) { return .success(try ManifestEntry(text)) } catch {
          return .failure(
            MediaError(error.code, error.stage, "line \(lines.line) of manifest '\(name)' \(error.message)"))
        }
      } catch {
        isAtEnd = true
        return .failure(MediaError(error.code, error.stage, "manifest '\(name)': \(error.message)"))
      }
    }
    return nil
  }
}
