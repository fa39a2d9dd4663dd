internal import MediaCore

extension FilePath {
  /// The path that an argument stands for: the bytes of the command line, which the argument's text cannot hold
  /// when they are not UTF-8.
  init(argument: String) {
    self.init(argument)
    guard argument.unicodeScalars.contains("\u{FFFD}") else { return }
    for index in 1..<max(1, Int(CommandLine.argc)) {
      guard let pointer = CommandLine.unsafeArgv[index] else { continue }
      let raw = FilePath(bytes: UnsafeCString(pointer))
      // `--option=value` holds the path behind the sign.
      let value = raw.bytes.split(separator: UInt8(ascii: "="), maxSplits: 1).last.map { FilePath(bytes: $0) }
      if let match = [raw, value].compactMap({ $0 }).first(where: { $0.description == argument }) {
        self = match
        return
      }
    }
  }
}

/// The bytes of a C string in front of its NUL.
private struct UnsafeCString: Sequence, IteratorProtocol {
  private var next_: UnsafePointer<CChar>

  init(_ pointer: UnsafePointer<CChar>) { next_ = pointer }

  mutating func next() -> UInt8? {
    let byte = UInt8(bitPattern: next_.pointee)
    guard byte != 0 else { return nil }
    next_ += 1
    return byte
  }
}
