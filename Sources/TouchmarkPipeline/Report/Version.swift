/// The version that reports and `--version` name.
public enum Version {
  /// Semantic version.
  public static let text = "0.1.0"
}
