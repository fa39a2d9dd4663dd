public import MediaCore

/// THE TABLE of formats: a new container is one new file and one line here.
public enum BuiltinFormats {
  /// Every container Touchmark reads or writes.
  public static let table = FormatTable([
    PNGFormat(),
    JPEGFormat(),
    MP3Format(),
    ADTSFormat(),
    AIFFFormat(),
    FLACFormat(),
    WAVEFormat(),
    AVIFormat(),
    OggFormat(),
    OggOpusFormat(),
  ])
}
