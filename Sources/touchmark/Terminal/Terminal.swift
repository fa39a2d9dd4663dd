internal import CSystem

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The standard streams.
enum Terminal {
  /// Whether a person sees what is written to `descriptor`.
  static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Columns of the terminal behind standard error; 80 when it does not say.
  static var columns: Int {
    var size = winsize()
    guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes `text` to standard error as it is.
  static func write(error text: String) {
    var text = text
    text.withUTF8 { bytes in
      #if canImport(Glibc)
        _ = Glibc.write(2, bytes.baseAddress, bytes.count)
      #else
        _ = Darwin.write(2, bytes.baseAddress, bytes.count)
      #endif
    }
  }

  /// `text` without characters that would move the cursor, colour the screen or turn the direction of writing: file
  /// names and metadata come from strangers. Nor does it have line ends, unless it `hasLines`.
  static func harmless(_ text: String, hasLines: Bool = false) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
      let isDirection = (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
      scalars.append((isControl && !(hasLines && scalar == "\n")) || isDirection ? "\u{FFFD}" : scalar)
    }
    return String(scalars)
  }

  /// Writes a line to standard error.
  static func complain(_ line: String) { write(error: line + "\n") }
}

/// This process.
enum Process {
  /// To be called before anything else.
  static func prepare() {
    // A reader that goes away is an error of the write, not the end of the run.
    signal(SIGPIPE, SIG_IGN)
    // So is a file that outgrows the process's limit.
    signal(SIGXFSZ, SIG_IGN)
    tm_keep_freed_memory()
  }
}
