public import MediaCore

/// THE TABLE of labels: a new kind is one new file and one line here.
public enum BuiltinLabels {
  /// Every label Touchmark embeds or detects.
  public static let table = LabelTable([
    ExplicitTextLabel(),
    AIGCMetadataLabel(),
    WatermarkLabel(),
    IPTCLabel(),
    ContentCredentialsLabel(),
    GeneratorTraceLabel(),
  ])
}
